"""Long steps are shown, on a terminal and elsewhere."""

from io import StringIO

import pytest
from rich.console import Console

from inkctl.report import Report


def _said(console: Console) -> str:
    file = console.file
    assert isinstance(file, StringIO)
    return file.getvalue()


def test_without_a_terminal_a_step_is_two_lines_and_some_of_its_progress() -> None:
    console = Console(file=StringIO())

    with Report(console).step("Fetch") as step:
        for done in range(101):
            step.progress(done, 100)

    lines = _said(console).splitlines()
    assert "  … Fetch" == lines[0]
    assert lines[-1].startswith("  ✓ Fetch (")
    assert 11 == len(lines)


def test_on_a_terminal_a_step_leaves_one_line() -> None:
    console = Console(file=StringIO(), force_terminal=True)

    with Report(console).step("Fetch") as step:
        step.progress(1, 2)

    assert _said(console).splitlines()[-1].strip().startswith("✓ Fetch (")


def test_a_step_that_fails_is_not_said_to_be_done() -> None:
    console = Console(file=StringIO())

    with pytest.raises(OSError, match="gone"), Report(console).step("Fetch"):
        raise OSError("gone")

    assert "✓" not in _said(console)
