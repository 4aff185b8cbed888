"""Kramdown's attribute lists, such as `{: .note}`: Markdown has no place for them, so they are left out, and it is said where."""

import re

from prose.parsing import parse

_ALONE = re.compile(r"^[ \t>]*\{::?[^{}\n]*\}[ \t]*$")
_CONTENTS = re.compile(r"^[ \t]*\{:\s*toc\b[^{}\n]*\}[ \t]*$")
_ITEM = re.compile(r"^[ \t]*(?:[-*+]|\d+[.)])[ \t]")
_AFTER_A_SPAN = re.compile(r"(?<=[)\]*_`])\{:\s*[.#\w][^{}\n]*\}(?!`)")


def without_attribute_lists(body: str, first_line: int) -> tuple[str, list[str]]:
    """Return the body without them, and a note if there were any. A list item that only holds the place of a table of contents goes too."""
    if "{:" not in body:
        return body, []
    lines = body.split("\n")
    code = _lines_of_code(body)
    found = []
    for number, line in enumerate(lines):
        if number in code:
            continue
        if _ALONE.match(line):
            lines[number] = ""
            if _CONTENTS.match(line) and number and _ITEM.match(lines[number - 1]):
                lines[number - 1] = ""
        else:
            lines[number] = _AFTER_A_SPAN.sub("", line)
        if lines[number] != line:
            found.append((number, line))
    if not found:
        return body, []
    number, line = found[0]
    more = f" (on {len(found)} lines)" if len(found) > 1 else ""
    return "\n".join(lines), [f"line {first_line + number}: kramdown's attributes are left out: {line.strip()[:60]}{more}"]


def _lines_of_code(body: str) -> set[int]:
    blocks = (token.map for token in parse(body) if token.type in ("fence", "code_block") and token.map)
    return {number for start, end in blocks for number in range(start, end)}
