"""One file of another blog as a post of this one, or the reason why it can not be one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

from inkctl.markdown import fields
from inkctl.markdown.front_matter import Document, Unreadable, take_apart
from inkctl.markdown.kramdown import without_attribute_lists
from inkctl.markdown.liquid import translate
from prose import plain_text, slug
from prose.parsing import parse as tokens_of

LONGEST_BODY = 256 * 1024  # bytes of UTF-8

_DATED = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})-(.+)", re.DOTALL)
_OF_A_PROJECT = re.compile(r"readme|licen[cs]e|contributing|changelog|code_of_conduct|security|copying", re.IGNORECASE)
_KNOWN = frozenset({"title", "date", "tags", "tag", "categories", "category", "slug", "draft", "published"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePost:
    """A post as another blog had it.

    `path` is relative to the folder; `source_id`, the same without its extension, makes a second import change nothing. Times are in UTC,
    and a draft has no `published_at`. `warnings` are for the person who imports; `unknown` are the fields that have no place here.
    """

    path: PurePosixPath
    source_id: str
    title: str
    body: str
    tags: tuple[str, ...]
    slug: str
    draft: bool
    created_at: datetime
    published_at: datetime | None
    warnings: tuple[str, ...]
    unknown: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is no post, and why."""

    path: PurePosixPath
    reason: str


def parse(path: PurePosixPath, content: bytes, *, changed_at: datetime) -> SourcePost | Skipped:
    """Read a file's content. `path` is relative to the folder; `changed_at` dates a post that names no date itself. Never raises."""
    try:
        text, notes = _plain(content.decode("utf-8-sig"))
        document = take_apart(text)
    except UnicodeDecodeError as error:
        return Skipped(path, f"it is not UTF-8: the byte 0x{content[error.start]:02x} at {error.start}")
    except Unreadable as error:
        return Skipped(path, str(error))
    if document.fields is None and _OF_A_PROJECT.fullmatch(path.stem):
        return Skipped(path, "it tells of a project and has no front matter")
    post = _post(path, document, changed_at, notes)
    size = len(post.body.encode())
    return post if size <= LONGEST_BODY else Skipped(path, f"its body has {size:,} bytes, of at most {LONGEST_BODY:,}")


def _plain(text: str) -> tuple[str, list[str]]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    cleaned, first = fields.clean(text)
    if first < 0:
        return cleaned, []
    line = 1 + text.count("\n", 0, first)
    return cleaned, [f"line {line}: control characters are left out"]


def _post(path: PurePosixPath, document: Document, changed_at: datetime, notes: list[str]) -> SourcePost:
    known = document.fields or {}
    stem = path.parent.name if path.stem == "index" and path.parent.name else path.stem  # a bundle of Hugo's: name/index.md
    dated = _DATED.fullmatch(stem)
    date, name = (dated[1], dated[2]) if dated else ("", stem)
    title, body = _title(known, _body(document, notes), name, notes)
    draft = _is_draft(path, known, notes)
    created_at = _created_at(known, date, changed_at, notes)
    return SourcePost(
        path=path,
        source_id=fields.clean(path.with_suffix("").as_posix())[0],
        title=title,
        body=body,
        tags=fields.tags(known, notes),
        slug=_slug(known, name, notes),
        draft=draft,
        created_at=created_at,
        published_at=None if draft else created_at,
        warnings=tuple(notes),
        unknown=MappingProxyType({key: value for key, value in known.items() if key not in _KNOWN}),
    )


def _body(document: Document, notes: list[str]) -> str:
    text, doubts = translate(document.body, document.first_line)
    notes += doubts
    text, doubts = without_attribute_lists(text, document.first_line)
    notes += doubts
    return text.strip("\n")


def _title(known: Mapping[str, Any], body: str, name: str, notes: list[str]) -> tuple[str, str]:
    """Return the title and the body; a heading that opens the body and becomes the title does not stand twice."""
    title = fields.words(known.get("title", ""))
    if not title:
        title, body = _first_heading(body)
    if not title:
        title = fields.words(re.sub(r"[-_]+", " ", name)) or "Untitled"
        title = title[0].upper() + title[1:]
        notes.append(f"it has no title; its file's name gives {title!r}")
    return fields.title(title, notes), body


def _first_heading(body: str) -> tuple[str, str]:
    tokens = tokens_of(body)
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h1" and token.map:
            lines = body.split("\n")
            title = fields.words(plain_text("\n".join(lines[token.map[0] : token.map[1]])))
            return title, "\n".join(lines[token.map[1] :]).strip("\n") if index == 0 else body
    return "", body


def _slug(known: Mapping[str, Any], name: str, notes: list[str]) -> str:
    wanted = fields.words(known.get("slug", ""))
    made = slug(wanted or name)
    if wanted and made != wanted:
        notes.append(f"the slug {wanted!r} becomes {made!r}")
    return made


def _is_draft(path: PurePosixPath, known: Mapping[str, Any], notes: list[str]) -> bool:
    """Say whether readers may not see it; where that is in doubt they may not."""
    if "_drafts" in path.parts:  # Jekyll's folder for them
        return True
    draft = fields.flag("draft", known.get("draft", "false"), notes)
    published = fields.flag("published", known.get("published", "true"), notes)
    if draft is None or published is None:
        notes.append("it becomes a draft")
    return draft is not False or published is not True


def _created_at(known: Mapping[str, Any], date_of_name: str, changed_at: datetime, notes: list[str]) -> datetime:
    stated = fields.words(known.get("date", ""))
    for text in filter(None, (stated, date_of_name)):
        if when := fields.moment(text, notes):
            return when
    notes.append("it has no date; the file's own is taken")
    return changed_at.astimezone(UTC)
