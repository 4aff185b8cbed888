"""The last step: whatever came before, only these elements, attributes and addresses reach a page."""

import nh3

from prose.code import CLASSES
from prose.links import SCHEMES

_HEADINGS = {"h2", "h3", "h4", "h5", "h6"}
_TABLES = {"table", "thead", "tbody", "tr", "th", "td"}
_TEXT = {"p", "blockquote", "pre", "code", "hr", "br", "em", "strong", "s", "a", "img", "sup", "span", "wbr"}
_LISTS = {"ul", "ol", "li", "input", "section", "div"}
_CELL_CLASSES = {"align-left", "align-center", "align-right"}

_CLEANER = nh3.Cleaner(
    tags=_HEADINGS | _TABLES | _TEXT | _LISTS,
    attributes={
        **{heading: {"id"} for heading in _HEADINGS},
        "a": {"href", "title", "rel", "id", "aria-label"},
        "img": {"src", "alt", "title", "loading", "decoding"},
        "pre": {"tabindex"},
        "code": {"class"},  # language-…: any language that an author names
        "ol": {"start"},
        "li": {"id"},
        "input": {"disabled", "checked", "aria-label"},
        "section": {"aria-label"},
        "div": {"role", "tabindex", "aria-label"},
    },
    tag_attribute_values={"input": {"type": {"checkbox"}}},
    allowed_classes={
        "span": set(CLASSES),
        "a": {"footnote-back"},
        "sup": {"footnote-ref"},
        "section": {"footnotes"},
        "div": {"table"},
        "ul": {"contains-task-list"},
        "ol": {"contains-task-list"},
        "li": {"task-list-item"},
        "th": _CELL_CLASSES,
        "td": _CELL_CLASSES,
    },
    url_schemes=set(SCHEMES),
    link_rel=None,  # each link carries its own
)


def sanitise(html: str) -> str:
    """Return the HTML with everything gone that is not on the lists above."""
    return _CLEANER.clean(html)
