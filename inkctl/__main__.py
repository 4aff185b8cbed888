"""The command line: `inkctl COMMAND`, or `python -m inkctl COMMAND`."""

import argparse
import errno
import sys
from collections.abc import Sequence

from inkctl.commands import all_commands
from inkctl.failures import Failed
from inkctl.home import Home


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words say; returns the exit code."""
    parser = argparse.ArgumentParser(prog="inkctl", description="Run and operate Inkstream.")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in all_commands():
        command.add_parser(subparsers)
    arguments = parser.parse_args(words)
    try:
        code: int = arguments.run(arguments)
    except Failed as failure:
        print("\n".join(failure.lines()), file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        where = error.filename or Home.here().folder
        full = Failed(
            " ".join(["inkctl", *(words or sys.argv[1:])]), f"the disk is full: {where}", "make room, then run the same command again"
        )
        print("\n".join(full.lines()), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


if __name__ == "__main__":
    sys.exit(main())
