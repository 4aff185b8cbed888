"""What a person typed: the one form in which text enters the system.

Text is Unicode in normal form C, of any script. Refused, with the position counted from 1 in the text as it was sent: control characters
other than line feed and tab, halves of surrogate pairs, and more than 30 combining marks in a row (the bound of UAX #15's Stream-Safe
Text Format: without it normalising takes quadratic time, ten seconds for 160 KB).
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_REFUSED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_REFUSED_IN_LINE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_MARKS_IN_A_ROW = 30


@dataclass(frozen=True, slots=True)
class Text:
    """Annotates a string of a body or a query: `Annotated[str, Text(max=200)]`.

    `min` and `max` count characters and `max_bytes` bytes of UTF-8, of the normalised text; `lines=False` refuses line feeds and tabs too;
    `strip` drops blanks at both ends first.
    """

    max: int
    min: int = 0
    max_bytes: int | None = None
    lines: bool = True
    strip: bool = False

    def read(self, typed: str) -> str:
        """Return the text as it is kept. Raises PydanticCustomError, a ValueError, that names the fault and its place."""
        if (fault := fault_in(typed, lines=self.lines)) is not None:
            raise PydanticCustomError("text", "{fault}", {"fault": fault})
        text = unicodedata.normalize("NFC", typed.strip() if self.strip else typed)
        if len(text) > self.max:
            raise PydanticCustomError("text", "has {length} characters, at most {max} are allowed", {"length": len(text), "max": self.max})
        if len(text) < self.min:
            raise PydanticCustomError("text", "has {length} characters, at least {min} are needed", {"length": len(text), "min": self.min})
        if self.max_bytes is not None and (size := len(text.encode())) > self.max_bytes:
            raise PydanticCustomError("text", "has {size} bytes of UTF-8, at most {max} are allowed", {"size": size, "max": self.max_bytes})
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "maxLength": self.max, **({"minLength": self.min} if self.min else {})}


def fault_in(typed: str, *, lines: bool = True) -> str | None:
    """Say what no text of ours may hold, and where; None if there is nothing."""
    found = (_REFUSED if lines else _REFUSED_IN_LINE).search(typed)
    if found is not None:
        kind = "half of a surrogate pair" if found[0] >= "\ud800" else "a control character"
        return f"character {found.start() + 1} is U+{ord(found[0]):04X}, {kind}"
    if typed.isascii():
        return None
    marks = bytes(map(bool, map(unicodedata.combining, typed)))
    start = marks.find(b"\x01" * (_MARKS_IN_A_ROW + 1))
    return None if start < 0 else f"more than {_MARKS_IN_A_ROW} combining marks in a row begin at character {start + 1}"


def printable(received: str) -> str:
    """Replace what no line of text may hold."""
    return _REFUSED_IN_LINE.sub("\ufffd", received)
