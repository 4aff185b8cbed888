"""Tells a person how a long command is doing: bars and spinners on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from inkctl.failures import Failed


class Step(Protocol):
    """A step under way."""

    def progress(self, done: int, total: int) -> None:
        """Say how much of it is done."""


class Report:
    """Where steps are shown. One step may run beside another."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._bars: Progress | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), TimeElapsedColumn())
            self._bars = self._stack.enter_context(Progress(*columns, console=self._console, transient=True))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        self._bars = None

    def say(self, text: str, style: str = "") -> None:
        """Print a line."""
        self._console.print(Text(text, style=style))

    @contextmanager
    def step(self, what: str) -> Iterator[Step]:
        """Show a step until the block ends, then how long it took."""
        began = time.monotonic()
        step = _Bar(self._bars, what) if self._bars else _Line(self, what)
        try:
            yield step
        finally:
            step.close()
        self.say(f"  ✓ {what} ({time.monotonic() - began:.1f} s)")

    def failed(self, failure: Failed) -> None:
        """Say what failed, why, and what to do."""
        for line, style in zip(failure.lines(), ("bold red", "", "bold"), strict=True):
            self.say(line, style)


class _Bar:
    def __init__(self, bars: Progress, what: str) -> None:
        self._bars = bars
        self._task = bars.add_task(what, total=None)

    def progress(self, done: int, total: int) -> None:
        self._bars.update(self._task, completed=done, total=total)

    def close(self) -> None:
        self._bars.remove_task(self._task)


class _Line:
    """Says at most ten times how much is done."""

    def __init__(self, report: Report, what: str) -> None:
        self._report = report
        self._what = what
        self._tenth = 0
        report.say(f"  … {what}")

    def progress(self, done: int, total: int) -> None:
        tenth = 10 * done // max(total, 1)
        if tenth > self._tenth and done < total:
            self._report.say(f"    {self._what}: {done} of {total}")
        self._tenth = max(self._tenth, tenth)

    def close(self) -> None:
        pass
