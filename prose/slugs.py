"""Names for addresses: words of any script, lower case, joined by hyphens."""

import unicodedata

SLUG_LENGTH = 80
_APOSTROPHES = "'’ʼ"  # noqa: RUF001 - the typographic ones are meant


def slug(title: str, *, fallback: str = "post") -> str:
    """Return at most 80 characters of `title` that read well in an address, or `fallback` where it has no letter or digit.

    Letters, digits and the marks that belong to them stay, whatever their script, in NFKC. An apostrophe leaves no gap.
    """
    text = unicodedata.normalize("NFKC", title).lower()
    kept: list[str] = []
    for character in text:
        kind = unicodedata.category(character)
        if kind[0] in "LN" or (kind[0] == "M" and kept and kept[-1] != "-"):
            kept.append(character)
        elif kind != "Cf" and character not in _APOSTROPHES and kept and kept[-1] != "-":
            kept.append("-")
    return _cut(unicodedata.normalize("NFKC", "".join(kept)).rstrip("-")) or fallback


def _cut(name: str) -> str:
    """Shorten a name that is too long, between two words where that keeps at least half of it."""
    if len(name) <= SLUG_LENGTH:
        return name
    end = name.rfind("-", SLUG_LENGTH // 2, SLUG_LENGTH + 1)
    return name[: end if end > 0 else SLUG_LENGTH]
