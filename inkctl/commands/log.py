"""`inkctl log export` and `inkctl log import`: the log as files, and files as a log again.

A backup of the facts is added to, for ever. A backup of the keys is a folder of its own each time, since it has to be deleted some day:
what a person asked to be erased can be read for as long as any copy of their key is left.
"""

import argparse
import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inkctl.commands import Subparsers

EXPORT = (
    "Export the log into files. Facts: run it again with the same folder to add what is new; damaged files are written again. "
    "Keys, without which the facts can not be read: a new folder each time, and delete the old ones after some weeks, so that what was "
    "erased is gone from the backups too. Neither opens without the secrets. With both, the keys are read after the facts, and fit them."
)
IMPORT = (
    "Append a backup to empty topics, each record at the offset that it had, after comparing every file with its checksum. "
    "Where Inkstream is embedded: put secrets.json into a new INKSTREAM_HOME, import, then `inkctl up`. "
    "An import that was interrupted goes on when the command is run again."
)


def add_parser(subparsers: "Subparsers") -> None:
    """Say how it is called."""
    parser = subparsers.add_parser("log", help="export the log into files, and import it", description=__doc__)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    exporting = actions.add_parser("export", help="back up the log", description=EXPORT)
    importing = actions.add_parser("import", help="fill empty topics from a backup", description=IMPORT)
    for each, way in ((exporting, "into"), (importing, "from")):
        each.add_argument("facts", nargs="?", type=Path, metavar="DIR", help=f"the folder {way} which the facts go")
        each.add_argument("--keys", type=Path, metavar="DIR", help=f"the folder {way} which the keys go")
    importing.add_argument(
        "--without-keys",
        action="store_true",
        help="import facts even if keys that they need may not be there: the services park what they can not open",
    )
    exporting.set_defaults(run=lambda arguments: _run(exporting, arguments, export=True))
    importing.set_defaults(run=lambda arguments: _run(importing, arguments, export=False))


def _run(parser: argparse.ArgumentParser, arguments: argparse.Namespace, *, export: bool) -> int:
    if arguments.facts is None and arguments.keys is None:
        parser.error("name a folder for the facts, one for the keys by --keys, or both")
    # Imported here: whoever asks for another command need not wait for it.
    from inkctl import backups  # noqa: PLC0415

    if export:
        asyncio.run(backups.export_to(arguments.facts, arguments.keys))
    else:
        asyncio.run(backups.import_from(arguments.facts, arguments.keys, without_keys=arguments.without_keys))
    return 0
