"""Why a wish is not granted: answers for the one who asked, not faults of the program.

The codes are a closed set, and stable: clients branch on them, and `/problems/<code>` shows the sentence beside each.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

REFUSAL_CODES: Mapping[str, str] = MappingProxyType(
    {
        "behind": "This replica has not yet read all that your request builds on; repeat the request shortly.",
        "command-closed": "This command was given up and will never be applied; send it anew under another Idempotency-Key.",
        "command-exhausted": "Others changed the same thing each time this command was tried; send it anew under another Idempotency-Key.",
        "conflict": "What is there now does not allow this.",
        "email-taken": "Another account has this e-mail address.",
        "forbidden": "You are signed in, but this is not yours to do.",
        "gone": "This was here and has been deleted.",
        "handle-taken": "Another account has this handle, or had it before; handles are never given out twice.",
        "internal": "Something broke on our side; the request id in the answer finds it in the log.",
        "invalid": "The request can be read, but some of its values are not allowed; `errors` names each of them.",
        "key-reused": "This Idempotency-Key was used before with another request; a new request needs a new key.",
        "malformed": "The request can not be read; the detail says where it breaks.",
        "method-not-allowed": "This address does not know the method; the Allow header lists those that it knows.",
        "not-found": "There is nothing here, or nothing that you may see.",
        "parked": "An event that this depends on could not be digested and waits for an operator; everything else goes on.",
        "precondition-required": "A change must name the version that it changes: send If-Match with the ETag that you read.",
        "rate-limited": "Too many requests; Retry-After says when the next one is welcome.",
        "slug-taken": "Another post of the same author has this address, or had it before.",
        "stale-version": "Somebody changed this since you read it; `current_version` is what it is now.",
        "token-expired": "The access token has expired; get a new one with the refresh cookie.",
        "too-large": "The request is larger than this address takes.",
        "unauthenticated": "This needs an account: sign in and send the access token.",
        "unavailable": "A part that this needs does not answer at present; repeat the request shortly.",
        "unknown-outcome": "It is not known yet whether this was applied; ask at Location, or repeat it with the same Idempotency-Key.",
        "unsupported-media-type": "The body has a content type that this address does not read.",
    }
)


class Refused(Exception):
    """The wish is refused and nothing was changed; `code` says why to a program, `detail` to a person."""

    code: str  # each kind has its general one; an instance may carry a closer one

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if code is not None:
            self.code = code
        if self.code not in REFUSAL_CODES:
            raise ValueError(f"{self.code!r} is no problem code")


class Invalid(Refused):
    """The request is understood, but breaks a rule; `errors` pairs a JSON pointer with what is wrong there."""

    code = "invalid"

    def __init__(self, detail: str, *, errors: Sequence[tuple[str, str]] = (), code: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.errors = tuple(errors)


class Unauthenticated(Refused):
    """Nobody, or nobody that we can recognise, asks for what only a signed-in person may do."""

    code = "unauthenticated"


class Forbidden(Refused):
    """The one who asks is known, and may not."""

    code = "forbidden"


class NotFound(Refused):
    """What is asked for never existed, or the one who asks may not learn that it does."""

    code = "not-found"


class Gone(Refused):
    """What is asked for existed and was deleted."""

    code = "gone"


class Conflict(Refused):
    """The present state of things does not allow it."""

    code = "conflict"


class Stale(Refused):
    """The version that the change was made for is not the present one."""

    code = "stale-version"

    def __init__(self, detail: str, *, current_version: int) -> None:
        super().__init__(detail)
        self.current_version = current_version
