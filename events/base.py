"""What makes a class an event: frozen, keyword-only, and registered once under the name that the log knows it by."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar, Generic, TypeVar, dataclass_transform
from uuid import UUID

# No underscore: Avro allows no hyphen, so a name's hyphens become underscores there, and two names must not become one.
_NAME = re.compile(r"inkstream(\.[a-z][a-z0-9]*(-[a-z0-9]+)*)+\.v[1-9][0-9]*")


class Event:
    """A fact as it stands on the log; every event derives from this and says when it happened."""

    TYPE: ClassVar[str]
    at: datetime


class PersonalFields:
    """A record of fields that are about a person; what its defaults say is what an erased one reads as."""

    TYPE: ClassVar[str]


E = TypeVar("E", bound=Event)
F = TypeVar("F", bound=PersonalFields)
D = TypeVar("D", bound=Event | PersonalFields)
F_co = TypeVar("F_co", bound=PersonalFields, covariant=True)


@dataclass(frozen=True)  # without slots: on Python 3.11 a frozen generic dataclass with slots can not be built subscripted
class Personal(Generic[F_co]):
    """A group of personal fields, sealed together on the log under the data key `kid`."""

    kid: UUID
    value: F_co = field(repr=False)  # so that no log line and no traceback shows it


_EVENTS: dict[str, type[Event]] = {}
_PERSONAL: dict[str, type[PersonalFields]] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(name: str) -> Callable[[type[E]], type[E]]:
    """Make the class a frozen, keyword-only dataclass and register it as the event `name`."""

    def register(cls: type[E]) -> type[E]:
        made = _define(name, cls)
        if "at" not in {each.name for each in fields(made)}:  # type: ignore[arg-type] # `_define` made it a dataclass
            raise TypeError(f"{cls.__name__} does not say when it happened: it lacks `at`")
        _EVENTS[name] = made
        return made

    return register


@dataclass_transform(frozen_default=True, kw_only_default=True)
def personal(name: str) -> Callable[[type[F]], type[F]]:
    """Do the same for a record of personal fields, each of which has a default."""

    def register(cls: type[F]) -> type[F]:
        made = _define(name, cls)
        made()  # An erased record is made of defaults alone, so a field without one must fail here.
        _PERSONAL[name] = made
        return made

    return register


def types() -> Mapping[str, type[Event]]:
    """Return every registered event by its type name."""
    return MappingProxyType(_EVENTS)


def personal_types() -> Mapping[str, type[PersonalFields]]:
    """Return every registered record of personal fields by its type name."""
    return MappingProxyType(_PERSONAL)


def _define(name: str, cls: type[D]) -> type[D]:
    if not _NAME.fullmatch(name):
        raise TypeError(f"{name!r} is no type name: say inkstream.<words>.v<number>, in small letters, digits and hyphens")
    if name in _EVENTS or name in _PERSONAL:
        raise TypeError(f"{name} is registered already")
    made = dataclass(frozen=True, kw_only=True)(cls)
    made.TYPE = name
    return made
