"""The commands, one module each: `add_parser(subparsers)` says how it is called, `run(arguments) -> int` does it.

The number is the exit code: 0 it is done, 1 it failed or what it looked for is not so, 2 it was called wrongly.
"""

from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no public name for it


def all_commands() -> list[ModuleType]:
    """List the modules, in the order in which the help shows them."""
    # Imported here, so that a command may import this package.
    from inkctl.commands import (  # noqa: PLC0415
        check,
        dev,
        down,
        importing,
        lag,
        log,
        logs,
        mongo,
        parked,
        rebuild,
        reset,
        secrets,
        status,
        stream,
        topics,
        up,
        verify,
    )

    return [up, status, down, importing, logs, lag, verify, check, log, stream, parked, rebuild, topics, mongo, secrets, dev, reset]
