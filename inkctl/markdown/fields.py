"""What front matter says about a post, read with patience: a value that makes no sense is named and passed over."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

MOST_TAGS = 5
LONGEST_TAG = 30
LONGEST_TITLE = 200

_DATE = re.compile(r"\s*(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:(?:[T\s]\s*)(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6})\d*)?)?)?(.*)", re.DOTALL)
_OFFSET = re.compile(r"(.*?)(?:Z|UTC|GMT|([+-])(\d{2}):?(\d{2})?)?\s*", re.DOTALL | re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})
_NOTHING = frozenset({"", "~", "null", "none"})


def clean(text: str) -> tuple[str, int]:
    """Return text in NFC without control characters (lines and tabs stay), and the position of the first that went, or -1."""
    first = _CONTROL.search(text)
    return unicodedata.normalize("NFC", _CONTROL.sub("", text)), first.start() if first else -1


def words(value: Any) -> str:
    """Return a field as one line of text; nothing where it says nothing or is no text."""
    if isinstance(value, (list, Mapping)):
        return ""
    text = " ".join(clean(str(value))[0].split())
    return "" if text.lower() in _NOTHING else text


def title(text: str, notes: list[str]) -> str:
    """Return a title that is short enough."""
    if len(text) <= LONGEST_TITLE:
        return text
    notes.append(f"the title has {len(text)} characters and is cut to {LONGEST_TITLE}")
    return text[: LONGEST_TITLE - 1].rstrip() + "…"


def moment(text: str, notes: list[str]) -> datetime | None:
    """Read a date, with time and offset if it has them, as a time in UTC; None if it is no date."""
    match = _DATE.fullmatch(text)
    if match is None:
        notes.append(f"the date {text!r} is not understood")
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    offset = _OFFSET.fullmatch(match[8])
    assert offset is not None  # noqa: S101 - every part of it may be empty
    shift = timedelta(hours=int(offset[3] or 0), minutes=int(offset[4] or 0)) * (-1 if offset[2] == "-" else 1)
    try:
        local = datetime(year, month, day, hour, minute, second, int((match[7] or "").ljust(6, "0")), timezone(shift))
        when = local.astimezone(UTC)
    except (ValueError, OverflowError):
        notes.append(f"the date {text!r} is on no calendar")
        return None
    if offset[1].strip():
        notes.append(f"the date {text!r} is read as {when:%Y-%m-%d %H:%M:%S} UTC")
    return when


def flag(name: str, value: Any, notes: list[str]) -> bool | None:
    """Read yes or no; None if the field says neither."""
    text = words(value).lower()
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    notes.append(f"{name} is {text!r}, neither true nor false")
    return None


def tags(fields: Mapping[str, Any], notes: list[str]) -> tuple[str, ...]:
    """Return at most five tags: those of `tags`, `tag`, `categories` and `category`, in this order, each once."""
    found: dict[str, None] = {}
    for name in ("tags", "tag", "categories", "category"):
        for text in _listed(name, fields.get(name, ""), notes):
            tag = "-".join(text.lower().removeprefix("#").split())
            if 1 <= len(tag) <= LONGEST_TAG:
                found[tag] = None
            else:
                notes.append(f"the tag {text!r} is left out: it has {len(tag)} characters, of at most {LONGEST_TAG}")
    every = tuple(found)
    if len(every) > MOST_TAGS:
        notes.append(f"only {MOST_TAGS} tags are taken; left out: {', '.join(every[MOST_TAGS:])}")
    return every[:MOST_TAGS]


def _listed(name: str, value: Any, notes: list[str]) -> Iterator[str]:
    """Take a list, text with commas, or, as Jekyll does where the name is a plural, words."""
    if isinstance(value, str):
        text = words(value)
        value = text.split(",") if "," in text or not name.endswith("s") else text.split()
    if not isinstance(value, list):
        notes.append(f"{name} is neither text nor a list")
        return
    for item in value:
        if text := words(item):
            yield text
        elif isinstance(item, (list, Mapping)):
            notes.append(f"{name} has an entry that is no text")
