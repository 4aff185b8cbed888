"""What auth_service takes and shows."""

import re
from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from events.accounts import Role
from servicekit.requests import Body, Representation
from servicekit.text import Text

SHORTEST_PASSWORD = 10  # characters
LONGEST_PASSWORD = 72  # bytes of UTF-8: bcrypt looks at no more

# First words of addresses, now or likely, and names that would pass for the site's own.
RESERVED = frozenset(
    """
    about account accounts admin administrator api assets atom auth blog bookmarks comments contact docs drafts edit explore favicon feed
    feeds follow followers following health help home index inkstream jobs legal livez login logout manifest me metrics mine moderator new
    news notifications null official post posts press privacy problems query readyz register robots root rss search security settings
    sign_in sign_out sign_up signin signout signup sitemap staff static status stream support system tag tags terms undefined user users
    well_known welcome write www
    """.split()  # noqa: SIM905 - a list of a hundred quoted words could not be read
)
_HANDLE = re.compile(r"[a-z0-9_]{3,30}", re.ASCII)

# Atoms between dots as RFC 5322 has them without quotes, of any script; a domain has two labels at least.
_ATOM = r'[^\s@"(),:;<>\[\]\\.]+'
_LABEL = r"(?!-)[^\x00-,./:-@\[-`{-\x7f\s]{1,63}(?<!-)"
_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@({_LABEL}\.)+{_LABEL}")
_LONGEST_LOCAL = 64

COMMON_PASSWORDS = frozenset(word for word in FREQUENCY_LISTS["passwords"] if len(word) >= SHORTEST_PASSWORD)


def _handle(typed: str) -> str:
    handle = typed.lower()
    if _HANDLE.fullmatch(handle) is None:
        raise PydanticCustomError("handle", "may have the letters a to z, digits and _ only")
    if handle in RESERVED:
        raise PydanticCustomError("handle", "is a word that the site needs for itself")
    return handle


def _address(typed: str) -> str:
    if _ADDRESS.fullmatch(typed) is None or len(typed.partition("@")[0]) > _LONGEST_LOCAL:
        raise PydanticCustomError("email", "is no e-mail address")
    return typed


class Registration(Body):
    """Somebody wants an account."""

    handle: Annotated[str, Text(min=3, max=30, lines=False, strip=True), AfterValidator(_handle)]
    email: Annotated[str, Text(min=3, max=254, lines=False, strip=True), AfterValidator(_address)]
    name: Annotated[str, Text(max=50, lines=False, strip=True)] | None = None
    password: Annotated[str, Text(min=SHORTEST_PASSWORD, max=LONGEST_PASSWORD, max_bytes=LONGEST_PASSWORD, lines=False), Field(repr=False)]

    @field_validator("password")
    @classmethod
    def _is_not_easily_guessed(cls, password: str, info: ValidationInfo) -> str:
        guess = password.lower()
        if guess in COMMON_PASSWORDS:
            raise PydanticCustomError("password", "is one of the commonest passwords, and the first that others try")
        if guess in {str(info.data.get(name, "")).lower() for name in ("handle", "email")}:
            raise PydanticCustomError("password", "is the same as your handle or e-mail address")
        return password

    def without_secrets(self) -> Self:
        """What was asked, for telling one request from another."""
        return self.model_copy(update={"password": ""})


class Credentials(Body):
    """Somebody says who they are. A password that nobody can have is wrong, not malformed."""

    login: Annotated[str, Text(min=1, max=254, lines=False, strip=True), Field(description="a handle or an e-mail address")]
    password: Annotated[str, Text(min=1, max=1000, lines=False), Field(repr=False)]

    def without_secrets(self) -> Self:
        """What was asked, for telling one request from another."""
        return self.model_copy(update={"password": ""})


class User(Representation):
    """An account, as its session shows it."""

    id: UUID
    handle: str
    name: str
    role: Role


class Session(Representation):
    """A session that was opened or renewed; its refresh token comes as a cookie."""

    user: User
    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a kind of token
    expires_in: Annotated[int, Field(description="seconds")]


class Me(User):
    """An account, as its owner sees it."""

    email: str
    bio: str
    created_at: datetime


class PublicKey(Representation):
    """A key that access tokens are signed with (RFC 8037)."""

    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    alg: Literal["EdDSA"] = "EdDSA"
    use: Literal["sig"] = "sig"
    kid: str
    x: Annotated[str, Field(description="the public part in base64url")]


class PublicKeys(Representation):
    """The keys that access tokens are signed with."""

    keys: tuple[PublicKey, ...]
