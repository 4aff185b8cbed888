"""The README's examples run, and what it points to is there."""

import ast
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

README = Path(__file__).parents[2] / "eventlog" / "README.md"
TEXT = README.read_text("utf-8")
BLOCKS = list(re.finditer(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))


async def run(block: "re.Match[str]", names: dict[str, Any], text: str) -> None:
    """Run one example, in which `await` may stand anywhere; a fault is shown with its line in the README."""
    before = text.count("\n", 0, block.start(1))
    code = compile("\n" * before + block[1], str(README), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(code, names)  # noqa: S307 - our own README
    if inspect.isawaitable(result):
        await result


async def test_the_examples_run_in_their_order() -> None:
    names: dict[str, Any] = {"__name__": "readme"}

    for block in BLOCKS:
        await run(block, names, TEXT)

    assert len(BLOCKS) >= 6
    assert "seated" in names


async def test_an_example_that_is_wrong_fails_with_its_line() -> None:
    text = "One\n\n```python\nx = 1\nassert x == 2\n```\n"
    [block] = re.finditer(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)

    with pytest.raises(AssertionError) as failed:
        await run(block, {}, text)

    assert 5 == failed.traceback[-1].lineno + 1


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)", TEXT))))
def test_what_it_points_to_is_there(target: str) -> None:
    assert (README.parent / target).exists()
