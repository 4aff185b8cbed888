"""What the supervisor runs: a command, and how to know that it serves."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class State(StrEnum):
    """How a program is doing; `failed` is still tried again, but seldom."""

    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    FAILED = "failed"
    STOPPED = "stopped"


def _nothing() -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Program:
    """One program of the embedded run."""

    name: str
    command: Sequence[str]
    port: int
    serves: Callable[[], Awaitable[bool]]
    environment: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[], None] = _nothing  # blocking; before every start
    start_seconds: float = 60
    stop_seconds: float = 10
