"""Jekyll's template language: what has a meaning in Markdown is translated, the rest is kept as it stands and reported."""

import re

_MARK = re.compile(r"\{%-?\s*(?P<tag>\w+)(?P<rest>(?:(?!%\}).){0,500})%\}|\{\{(?P<output>(?:(?!\}\}).){0,500})\}\}", re.DOTALL)
_END_OF = {name: re.compile(rf"\{{%-?\s*end{name}\s*-?%\}}") for name in ("raw", "highlight", "comment")}
_RAW_TAG = re.compile(r"\{%-?\s*(?:end)?raw\s*-?%\}")
_LANGUAGE = re.compile(r"[\w+#.-]+")
_STARTS_LINE = re.compile(r"(?:[ \t>]|[-*+] |\d+[.)] )*")  # what may stand before the opening fence on its line
_NAME = re.compile(r"[\w-]+(?:\.[\w-]+)*")
_PART_OF_ANOTHER = re.compile(r"end|els|when\b|break\b|continue\b")


def translate(text: str, first_line: int) -> tuple[str, list[str]]:
    """Return the text as Markdown, and a note on all that was lost or kept; `first_line` is the number of the text's first line."""
    out: list[str] = []
    notes: list[str] = []
    kept: dict[str, list[str]] = {}  # the notes on each kind that is kept; the first is told
    position, line = 0, first_line
    while mark := _MARK.search(text, position):
        out.append(text[position : mark.start()])
        line += text.count("\n", position, mark.start())
        name = mark["tag"]
        end = _END_OF[name].search(text, mark.end()) if name in _END_OF else None
        if end is None:
            out.append(mark[0])
            kept.setdefault(_kind(mark), []).append(f"line {line}: {_shown(mark)} is Liquid, and stays as it is")
        elif name == "raw":
            out.append(text[mark.end() : end.start()])
        elif name == "comment":
            notes.append(f"line {line}: a comment is left out")
        else:
            options = mark["rest"].rstrip("- ").split()
            out.append(_fence(text, mark, end, options[0] if options else ""))
            notes += [f"line {line}: the option {option} of highlight is left out" for option in options[1:]]
        after = (end or mark).end()
        line += text.count("\n", mark.start(), after)
        position = after
    out.append(text[position:])
    notes += [found[0] + (f" ({len(found)} of this kind)" if len(found) > 1 else "") for kind, found in kept.items() if kind]
    return "".join(out), notes


def _fence(text: str, opening: re.Match[str], closing: re.Match[str], language: str) -> str:
    """Return a highlighted block as a fenced one, each fence on a line of its own, longer than any row of backticks in between."""
    inner = _RAW_TAG.sub("", text[opening.end() : closing.start()])
    ticks = "`" * max(3, 1 + max(map(len, re.findall("`+", inner)), default=0))
    before = text[text.rfind("\n", 0, opening.start()) + 1 : opening.start()]
    line = "\n" + before[: len(before) - len(before.lstrip(" \t>"))]  # a new line that stays in the same quotation or list
    if not inner.lstrip(" \t").startswith("\n"):
        inner = line + inner.lstrip(" \t")
    if inner.rpartition("\n")[2].strip(" \t>"):
        inner += line
    first = "" if _STARTS_LINE.fullmatch(before) else line
    last = line if text[closing.end() :].partition("\n")[0].strip() else ""
    return f"{first}{ticks}{language if _LANGUAGE.fullmatch(language) else ''}{inner}{ticks}{last}"


def _kind(mark: re.Match[str]) -> str:
    """Name what is reported once: a tag, a variable, or a filter; nothing for what is only a part of a tag reported before."""
    if mark["tag"]:
        return "" if _PART_OF_ANOTHER.match(mark["tag"]) else mark["tag"]
    expression = mark["output"].strip("-<%> \n")
    name = _NAME.match(expression) or _NAME.search(expression.rpartition("|")[2])
    return f"{{{{ {name[0] if name else expression} }}}}"


def _shown(mark: re.Match[str]) -> str:
    form = " ".join(mark[0].split())
    return form if len(form) <= 60 else f"{form[:57]}…"  # noqa: PLR2004 - about what fits on a line of a summary
