"""What a command is made of: the call, the decision that a domain comes to, and the outcome."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from eventlog.commands import Address
from eventlog.progress import Token
from eventlog.record import Partition


class Behind(Exception):
    """The views have not come to where the command has to begin, or what it needs is parked: nothing was changed, try again later."""

    def __init__(self, detail: str, *, parked: bool = False) -> None:
        super().__init__(detail)
        self.parked = parked


class Unknown(Exception):
    """It is not known yet whether the command took effect: `address` is where to ask."""

    def __init__(self, address: Address) -> None:
        super().__init__(f"the outcome of command {address.command_id} is not known yet")
        self.address = address


class NotLoaded(Exception):
    """`decide` looked at a stream that was not loaded yet: the handler loads it and decides again."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.stream = stream


class Others:
    """What a decision may know of streams beside its primary one: their states, each loaded when it is first asked for."""

    def __init__(self, loaded: Mapping[str, tuple[int, Any]]) -> None:
        self._loaded = loaded

    def __getitem__(self, stream: str) -> Any:
        """The state of a stream."""
        if stream not in self._loaded:
            raise NotLoaded(stream)
        return self._loaded[stream][1]


E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Decision(Generic[E]):
    """What a command comes to: an event, further streams that it claims, and streams that it relies on, all at the versions loaded."""

    event: E
    claims: Sequence[str] = ()
    reads: Sequence[str] = ()


class Decide(Protocol):
    """A domain's decision. Pure. None says "already so"; raises Refused."""

    def __call__(self, state: Any, command: Any, others: Others, /) -> Decision[Any] | None:
        """Decide a command on a stream's state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One try of a command: who calls it by which name, where its facts go, and what the caller has seen.

    `repeatable` says that the client named the command, so that an earlier try may exist. `actor` is "" where nobody is signed in.
    `place` is the partition that its fact goes to.
    """

    topic: str
    key: str
    command_id: UUID
    actor: str
    now: datetime
    repeatable: bool = False
    request: str = ""
    seen: Token = field(default_factory=Token)
    if_match: int | None = None
    traceparent: str | None = None
    place: Partition = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", self.address.place)  # once: it is asked for again and again

    @property
    def address(self) -> Address:
        """Where its outcome can be asked for."""
        return Address(self.topic, self.key, self.command_id)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The command took effect, now or in an earlier try (`repeated`), or it was so already: the stream's state and version."""

    state: Any
    version: int
    token: Token
    repeated: bool = False
