"""The block of fields before a post: YAML between `---` lines, TOML between `+++` lines, or none at all."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

LONGEST = 64 * 1024  # characters

_FENCES = {"---": re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE), "+++": re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE)}


class Unreadable(Exception):
    """The block is there but can not be read; says why and where."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file taken apart: its fields, or None where it has no front matter, and its body, which begins on line `first_line`."""

    fields: Mapping[str, Any] | None
    body: str
    first_line: int


def take_apart(text: str) -> Document:
    """Separate front matter from body; raises Unreadable.

    YAML's scalars stay as they are written, because a title of `1.10` or a date that no calendar has should not become something else.
    """
    opening, _, rest = text.partition("\n")
    end = _FENCES[opening.rstrip()].search(rest) if opening.rstrip() in _FENCES else None
    if end is None:
        return Document(None, text, 1)
    block = rest[: end.start()]
    if len(block) > LONGEST:
        raise Unreadable(f"its front matter has {len(block):,} characters, of at most {LONGEST:,}")
    fields = _toml(block) if opening.startswith("+") else _yaml(block)
    if not isinstance(fields, dict):  # text between two rules, not fields
        return Document(None, text, 1)
    body = rest[end.end() :].removeprefix("\n")
    return Document({str(name): value for name, value in fields.items()}, body, text.count("\n") - body.count("\n") + 1)


def _yaml(block: str) -> Any:
    try:
        fields = yaml.load(block, Loader=yaml.BaseLoader)  # noqa: S506 - it makes strings, lists and mappings, and nothing else
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1  # counted from nought, and after the opening line
        raise Unreadable(f"its front matter is not YAML: line {line}: {error.problem}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise Unreadable(f"its front matter is not YAML: {error}") from error
    return {} if fields in (None, "") else fields


def _toml(block: str) -> Any:
    try:
        return tomllib.loads(block)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Unreadable(f"its front matter is not TOML: {error}") from error
