"""Tells a person how a long command is doing: bars and spinners on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text


class Step(Protocol):
    """A step under way."""

    def progress(self, done: int, total: int, note: str = "") -> None:
        """Say how much of it is done, and what else there is to say about that."""

    def close(self) -> None:
        """End its display."""


class Report:
    """Where steps are shown. One step may run beside another."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), TimeElapsedColumn())
        self._bars = Progress(*columns, console=self._console, transient=True)
        self._under_way = 0

    def say(self, text: str, style: str = "") -> None:
        """Print a line."""
        self._console.print(Text(text, style=style))

    @contextmanager
    def step(self, what: str) -> Iterator[Step]:
        """Show a step until the block ends, then how long it took."""
        began = time.monotonic()
        self._under_way += 1
        if self._console.is_terminal:
            self._bars.start()
        step: Step = _Bar(self._bars, what) if self._console.is_terminal else _Line(self, what)
        try:
            yield step
        finally:
            step.close()
            self._under_way -= 1
            if self._console.is_terminal and not self._under_way:
                self._bars.stop()  # it draws ten times a second, which would go on for as long as we run
        self.say(f"  ✓ {what} ({time.monotonic() - began:.1f} s)")


class _Bar:
    def __init__(self, bars: Progress, what: str) -> None:
        self._bars = bars
        self._what = what
        self._task = bars.add_task(what, total=None)

    def progress(self, done: int, total: int, note: str = "") -> None:
        self._bars.update(self._task, completed=done, total=total, description=f"{self._what}  {note}".rstrip())

    def close(self) -> None:
        self._bars.remove_task(self._task)


class _Line:
    """Says at most ten times how much is done."""

    def __init__(self, report: Report, what: str) -> None:
        self._report = report
        self._what = what
        self._tenth = 0
        report.say(f"  … {what}")

    def progress(self, done: int, total: int, note: str = "") -> None:
        tenth = 10 * done // max(total, 1)
        if tenth > self._tenth and done < total:
            self._report.say(f"    {self._what}: {done} of {total} {note}".rstrip())
        self._tenth = max(self._tenth, tenth)

    def close(self) -> None:
        pass
