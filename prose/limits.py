"""Bounds on the work that a body may cause, so that no text, however it was made, holds up a service.

The bounds count steps, not seconds: the same body gives the same result on every machine.
"""

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, paragraph
from markdown_it.rules_inline import StateInline

DEEPEST = 20  # levels of blocks: ten lists, or twenty quotations, one in another; what lies deeper is shown as paragraphs
STEPS_PER_CHARACTER = 2  # ordinary text takes less than a half
STEPS_FOR_ALL = 20_000
LINKED_CHARACTERS = 1 << 20  # of addresses and titles together: a long reference, used often, would multiply the page

_OPENERS = "[<"  # what these open has an end that must be searched for,
_SEARCH = 10  # which costs about as much as this many plain steps
_BLOCK_RULES_THAT_ASK_OTHERS = ["paragraph", "reference", "blockquote", "list"]


class TooMuchWork(Exception):
    """The body would take more steps than a text of its length is worth."""


class Allowance:
    """The steps left for one body; the parser finds it in its `env`."""

    KEY = "allowance"

    def __init__(self, body: str) -> None:
        self._left = STEPS_FOR_ALL + STEPS_PER_CHARACTER * len(body)

    def take(self, steps: int = 1) -> None:
        """Use up some steps, or raise TooMuchWork."""
        self._left -= steps
        if self._left < 0:
            raise TooMuchWork


def bounded(md: MarkdownIt) -> None:
    """Make the parser count its steps and stop opening blocks at the deepest level."""
    md.options["maxNesting"] = DEEPEST + 1
    md.block.ruler.before("table", "deepest", _deepest, {"alt": []})
    md.block.ruler.before("deepest", "block_step", _block_step, {"alt": _BLOCK_RULES_THAT_ASK_OTHERS})
    md.inline.ruler.before("text", "inline_step", _inline_step)


def _block_step(state: StateBlock, _start: int, _end: int, _silent: bool) -> bool:  # noqa: FBT001 - markdown-it calls it so
    state.env[Allowance.KEY].take()
    return False


def _inline_step(state: StateInline, _silent: bool) -> bool:  # noqa: FBT001 - markdown-it calls it so
    state.env[Allowance.KEY].take(_SEARCH if state.src[state.pos] in _OPENERS else 1)
    return False


def _deepest(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it calls it so
    return state.level >= DEEPEST and paragraph(state, start, end, silent)
