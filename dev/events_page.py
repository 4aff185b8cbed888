"""Writes `docs/events.md`: every topic, every event that may stand in it, and what each field is, from the classes themselves."""

import ast
import importlib.util
import inspect
import io
import textwrap
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, Field, fields
from datetime import datetime
from enum import StrEnum
from types import ModuleType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

from eventlog.topics import MAX_MESSAGE_BYTES, TOPICS, Topic
from events.base import Event, Personal, PersonalFields, personal_types, types
from events.catalogue import FOLDER, versions
from events.schema import SEALED, avro_name, fingerprint, without_none

_MODULES = {"post-keys": "keys"}  # a topic has the module of its name but for these
_ANYWHERE = "commands"  # what may stand in every fact topic
_PLAIN = {str: "text", int: "whole number", bool: "true or false", bytes: "bytes", UUID: "UUID", datetime: "time"}

_HEAD = """# Events

Made from the code by `make docs`. These are the facts that the log holds: one record, one event, for ever. How a record is made (headers,
single-object encoding, sealing) is said in [the architecture](ARCHITECTURE.md#3-log).

A **time** is in UTC and exact to the microsecond. What is **sealed** is about a person: it stands in the event encrypted under a data key,
and once that key is erased each of its fields reads as its default. A field with a **default** may be left out, or came later than the
event: what was written before reads as that. An unknown symbol of a choice reads as its first. A **schema** is named by its file in
`events/schemas` and by its fingerprint, which stands in front of each value after `c3 01`.
"""


def page() -> str:
    """The document."""
    modules = dict.fromkeys(name for topic in TOPICS.values() if (name := _module(topic)) is not None)
    parts = [_HEAD, "## Topics\n", *_topics()]
    for name in (*modules, _ANYWHERE):
        module = importlib.import_module(f"events.{name}")
        held_in = [f"`inkstream.{topic.name}`" for topic in TOPICS.values() if _module(topic) == name]
        parts += [f"## {_opening(module)}\n", *([f"In {' and '.join(held_in)}.\n"] if held_in else [])]
        parts += [_event(cls) for cls in _defined_in(module, types().values())]
        parts += [_sealed(cls) for cls in _defined_in(module, personal_types().values())]
    parts += ["## What is sealed\n", f"Stands in an event in the place of a sealed record.\n\n{_schemas(SEALED['name'])}"]
    return "\n".join(parts)


def _topics() -> Iterator[str]:
    yield "| topic | written by | partition key | streams | partitions | kept |"
    yield "|---|---|---|---|---|---|"
    for topic in TOPICS.values():
        kept = "the latest record of each key" if topic.compacted else "for ever"
        streams = " ".join(f"`{stream}`" for stream in topic.streams) or "none"
        events = "" if _module(topic) else " (nothing yet)"
        yield f"| `inkstream.{topic.name}`{events} | {topic.owner} | {topic.key} | {streams} | {topic.partitions} | {kept} |"
    yield f"\nA record has {MAX_MESSAGE_BYTES >> 20} MiB at most.\n"


def _event(cls: type[Event]) -> str:
    rows = ["| field | type | default | what it is |", "|---|---|---|---|"]
    rows += [f"| `{name}` | {type_} | {default} | {doc} |" for name, type_, default, doc in _rows(cls)]
    return "\n".join([f"### `{cls.TYPE}`\n", f"{inspect.getdoc(cls)}\n", *rows, "", _schemas(avro_name(cls.TYPE))])


def _sealed(cls: type[PersonalFields]) -> str:
    rows = ["| sealed field | type | reads, once erased, as | what it is |", "|---|---|---|---|"]
    rows += [f"| `{name}` | {type_} | {default} | {doc} |" for name, type_, default, doc in _rows(cls)]
    return "\n".join([f"### `{cls.TYPE}`, sealed\n", f"{inspect.getdoc(cls)}\n", *rows, "", _schemas(avro_name(cls.TYPE))])


def _schemas(name: str) -> str:
    found = [f"`{file}` (`{fingerprint(schema).hex()}`)" for file, schema in versions(FOLDER)[name].items()]
    return f"Schema: {', '.join(found)}.\n"


def _rows(cls: type[Any]) -> Iterator[tuple[str, str, str, str]]:
    hints, comments = get_type_hints(cls), _comments(cls)
    for field in fields(cls):
        inner, optional = without_none(hints[field.name])
        said = comments.get(field.name) or ("when it happened" if field.name == "at" else _said_of(inner))
        yield field.name, _type(inner) + (", or nothing" if optional else ""), _default(field), said


def _type(annotation: Any) -> str:
    if get_origin(annotation) is Personal:
        name = get_args(annotation)[0].TYPE
        return f"sealed `{name}`"
    if get_origin(annotation) is tuple:
        return f"list of {_type(get_args(annotation)[0])}"
    if issubclass(annotation, StrEnum):
        return "one of " + ", ".join(f"`{each.value}`" for each in annotation)
    return _PLAIN[annotation]


def _said_of(annotation: Any) -> str:
    """What a type of ours says of itself."""
    kind = get_args(annotation)[0] if get_origin(annotation) is Personal else annotation
    return inspect.getdoc(kind) or "" if kind.__module__.startswith("events.") else ""


def _default(field: "Field[Any]") -> str:
    match field.default:
        case value if value is MISSING:
            return ""
        case None:
            return "nothing"
        case "":
            return "empty text"
        case ():
            return "empty list"
        case bool() as value:
            return str(value).lower()
        case value:
            return f"`{value}`"


def _comments(cls: type[Any]) -> dict[str, str]:
    """What is said behind each field, where it is declared."""
    source = textwrap.dedent(inspect.getsource(cls))
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = {token.start[0]: token.string.removeprefix("#").strip() for token in tokens if token.type == tokenize.COMMENT}
    declared = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)]
    return {node.target.id: comments[node.lineno] for node in declared if node.lineno in comments and isinstance(node.target, ast.Name)}


def _defined_in(module: ModuleType, classes: Iterable[type[Any]]) -> list[type[Any]]:
    return [cls for cls in classes if cls.__module__ == module.__name__]


def _opening(module: ModuleType) -> str:
    return (module.__doc__ or "").split("\n", 1)[0].rstrip(".")


def _module(topic: Topic) -> str | None:
    name = _MODULES.get(topic.name, topic.name)
    return name if importlib.util.find_spec(f"events.{name}") else None
