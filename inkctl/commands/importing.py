"""`inkctl import markdown DIR --as HANDLE`: take over a folder of Markdown posts with their dates; a second time changes nothing."""

import argparse
import asyncio
import logging
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from inkctl.failures import Failed
from inkctl.home import Home
from inkctl.installation import Installation
from inkctl.names import POSTS

if TYPE_CHECKING:
    from inkctl.commands import Subparsers
    from inkctl.importing import Summary


def add_parser(subparsers: "Subparsers") -> None:
    """Say how it is called."""
    parser = subparsers.add_parser("import", help="take over the posts of another blog", description=__doc__)
    formats = parser.add_subparsers(title="formats", metavar="FORMAT", required=True)
    markdown = formats.add_parser("markdown", help="a folder of Markdown files with front matter", description=__doc__)
    markdown.add_argument("folder", type=Path, metavar="DIR", help="the folder; those below it are read too")
    markdown.add_argument("--as", dest="handle", required=True, metavar="HANDLE", help="the account whose posts they become")
    markdown.add_argument("--dry-run", action="store_true", help="only say what would be done")
    markdown.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do it."""
    # Imported here: whoever asks for another command need not wait for it.
    from inkctl.markdown import files_in  # noqa: PLC0415

    folder: Path = arguments.folder
    if not folder.is_dir():
        raise Failed("import posts", f"{folder} is no folder", "give the folder that holds the posts")
    files = files_in(folder)
    if not files:
        raise Failed("import posts", f"{folder} holds no Markdown files", "give the folder that holds the posts (.md, .markdown)")
    installation = Installation.existing()
    if not installation.home.is_held():
        raise Failed("import posts", f"the Inkstream of {installation.home.folder} does not run", "start it by `make up`")
    _log_into(Home.here().logs / "import.log")
    asyncio.run(_import(installation.settings(POSTS), folder, files, arguments.handle, dry_run=arguments.dry_run))
    return 0


async def _import(environment: dict[str, str], folder: Path, files: list[Path], handle: str, *, dry_run: bool) -> None:
    from inkctl.importing import Importer, author_called, replica  # noqa: PLC0415
    from inkctl.report import Report  # noqa: PLC0415
    from posts_service.settings import PostsSettings  # noqa: PLC0415

    settings = PostsSettings.from_environment({**environment, "INKSTREAM_PORT": "0"})
    report = Report()
    async with AsyncExitStack() as stack:
        with report.step("Read the log"):
            app = await stack.enter_async_context(replica(settings))
            author = await author_called(app, handle)
        with report.step(f"{'Compare' if dry_run else 'Import'} {len(files)} files as @{author.handle}") as step:
            summary = await Importer(app, author, folder, dry_run=dry_run).take_all(files, step.progress)
    for line in told(summary, dry_run=dry_run):
        report.say(line)


def told(summary: "Summary", *, dry_run: bool) -> Iterator[str]:
    """Tell what became of the files, line by line."""
    from inkctl.importing import Done  # noqa: PLC0415

    counts = ", ".join(f"{summary.count(done)} {done}" for done in Done)
    yield f"{'It would be: ' if dry_run else ''}{counts}, {len(summary.skipped)} skipped"
    if summary.skipped:
        yield "Skipped:"
        yield from (f"  {each.path}: {each.reason}" for each in sorted(summary.skipped, key=lambda each: each.path))
    if summary.warnings:
        yield "Warnings:"
        yield from (f"  {path}: {warning}" for path, warning in sorted(summary.warnings))
    if summary.unknown:
        yield "Fields of front matter that have no place here, and stay in the files:"
        for name, paths in sorted(summary.unknown.items()):
            yield f"  {name}: in {len(paths)} of them, such as {min(paths)}"


def _log_into(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(filename=path, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
