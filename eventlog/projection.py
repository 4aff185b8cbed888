"""Views and how events change them. Pure: a view knows no version, offset, session or clock; the engine stores what it returns."""

import dataclasses
import enum
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeVar

Doc = dict[str, Any]
Key = tuple[str, str]  # a view's name and a document's id
Index = list[tuple[str, int]]


@dataclass(frozen=True, kw_only=True)
class View:
    """A set of documents that events change.

    A document may be fed by the streams of one partition only, so that it does not depend on how topics interleave. `route` names the
    documents that an event touches; `evolve` gets each (None where there is none yet) and returns what it becomes (None: it goes).
    `derive` adds fields that cost much and follow from the document alone; it runs once for each written document.
    A view that `decides` holds the state of every stream of one kind (`post` for `post:…`): its documents' ids are the streams, every
    event of a stream touches its document, and the engine stamps it with the stream's `version` in the same write.
    """

    name: str
    evolve: Callable[[Doc | None, Any], Doc | None]
    route: Callable[[Any], Iterable[str]] | None = None
    decides: str | None = None
    derive: Callable[[Doc], Doc] | None = None
    indexes: tuple[Index, ...] = ()

    def touched(self, event: object, expects: Iterable[str]) -> list[str]:
        """The ids of the documents that an event touches."""
        if self.decides is not None:
            return [stream for stream in expects if stream.partition(":")[0] == self.decides]
        return list(dict.fromkeys(self.route(event))) if self.route is not None else []


@dataclass(frozen=True, kw_only=True)
class Projection:
    """A named, versioned set of views over some topics. A changed fold is a new version: it fills beside the old one.

    A version may be there several times, as generations that hold the same.
    """

    name: str
    version: int
    topics: tuple[str, ...]
    views: tuple[View, ...]
    generation: int = 0

    @property
    def suffix(self) -> str:
        """What the names of its collections end in."""
        return f"_v{self.version}" + (f"_g{self.generation}" if self.generation else "")

    @property
    def label(self) -> str:
        """Its name, version and generation, as positions carry it."""
        return self.name + self.suffix

    def collection(self, view: View) -> str:
        """The collection that holds a view's documents."""
        return view.name + self.suffix

    def deciding(self, stream: str) -> View:
        """The view that holds a stream's state; KeyError where there is none."""
        kind = stream.partition(":")[0]
        for view in self.views:
            if view.decides == kind:
                return view
        raise KeyError(f"no view of {self.name} decides {stream}")


@dataclass(slots=True)
class Fold:
    """The documents of one batch, changed in memory: loaded once, written once."""

    projection: Projection
    docs: dict[Key, Doc | None] = field(default_factory=dict)
    written: dict[Key, Doc | None] = field(default_factory=dict)

    def derives(self, changed: Iterable[Key]) -> bool:
        """Whether finishing some documents is more than writing them down."""
        derived = {view.name for view in self.projection.views if view.derive is not None}
        return any(name in derived for name, _ in changed)

    def wanted(self, event: object, expects: Iterable[str]) -> list[Key]:
        """Which documents an event needs. Raises what views raise."""
        return [(view.name, doc_id) for view in self.projection.views for doc_id in view.touched(event, expects)]

    def changes(self, event: object, expects: Mapping[str, int]) -> dict[Key, Doc | None]:
        """What an event makes of every document that it touches. Raises what views raise; nothing is changed yet."""
        changed: dict[Key, Doc | None] = {}
        for view in self.projection.views:
            for doc_id in view.touched(event, expects):
                doc = view.evolve(self.docs.get((view.name, doc_id)), event)
                if view.decides is not None:
                    if doc is None:
                        raise ValueError(f"{view.name} drops the state of {doc_id}")
                    doc = {**doc, "version": expects[doc_id] + 1}
                changed[view.name, doc_id] = {**doc, "_id": doc_id} if doc is not None else None
        return changed

    def take(self, changed: Mapping[Key, Doc | None]) -> None:
        """Change the documents."""
        self.docs.update(changed)
        self.written.update(changed)

    def apply(self, event: object, expects: Mapping[str, int]) -> None:
        """Change every document that an event touches, or none: what a view raises is raised."""
        self.take(self.changes(event, expects))

    def results(self) -> dict[str, dict[str, Doc | None]]:
        """What is to be written: collection to id to document, None for one that goes. Derives what is to be derived."""
        finished = self.finished(self.written)
        found: dict[str, dict[str, Doc | None]] = {}
        for view in self.projection.views:
            of_view = {doc_id: doc for (name, doc_id), doc in finished.items() if name == view.name}
            if of_view:
                found[self.projection.collection(view)] = of_view
        return found

    def finished(self, changed: Mapping[Key, Doc | None]) -> dict[Key, Doc | None]:
        """Some changed documents as they are written. Derives likewise."""
        derive = {view.name: view.derive for view in self.projection.views if view.derive is not None}
        return {
            key: {**derive[key[0]](doc), "_id": key[1]} if doc is not None and key[0] in derive else doc for key, doc in changed.items()
        }


class Stateful(Protocol):
    """A frozen dataclass whose fields all have defaults: the state of a stream of which nothing is known yet."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


S = TypeVar("S", bound=Stateful)


@dataclass(frozen=True, kw_only=True)
class Aggregate:
    """How one kind of stream is kept: the state of its domain as a document, and back.

    States hold what BSON holds (text, numbers, UUIDs, moments), and further enums of text, tuples and None.
    """

    kind: str
    view: str
    state: type[Any]
    evolve: Callable[[Any, Any], Any]

    def load(self, doc: Mapping[str, Any] | None) -> Any:
        """The state that a document holds; the initial one for None."""
        if doc is None:
            return self.state()
        return self.state(**{name: read(doc[name]) for name, read in _readers(self.state) if name in doc})

    def dump(self, state: Any) -> Doc:
        """The document that holds a state."""
        return {name: _plain(value) for name, value in vars(state).items()}

    def decision_view(self, **options: Any) -> View:
        """The view that decides this kind of stream."""
        return View(name=self.view, decides=self.kind, evolve=lambda doc, event: self.dump(self.evolve(self.load(doc), event)), **options)


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


_READERS: dict[type[Any], list[tuple[str, Callable[[Any], Any]]]] = {}


def _readers(state: type[Any]) -> list[tuple[str, Callable[[Any], Any]]]:
    """For each field of a state, what makes its value of what a document holds."""
    if state not in _READERS:
        hints = typing.get_type_hints(state)
        _READERS[state] = [(each.name, _reader(hints[each.name])) for each in dataclasses.fields(state)]
    return _READERS[state]


def _reader(hint: Any) -> Callable[[Any], Any]:
    options = typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)
    for option in options:
        if isinstance(option, type) and issubclass(option, enum.Enum):
            return lambda value, kind=option: None if value is None else kind(value)  # type: ignore[misc]  # mypy does not infer the default
        if typing.get_origin(option) is tuple:
            return lambda value: None if value is None else tuple(value)
    return lambda value: value
