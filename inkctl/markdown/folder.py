"""The files of a folder that may be posts, in a fixed order, and reading them."""

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from inkctl.markdown.front_matter import LONGEST
from inkctl.markdown.post import LONGEST_BODY, Skipped, SourcePost, parse

EXTENSIONS = frozenset({".md", ".markdown", ".mdown", ".mkd"})
LONGEST_FILE = 2 * LONGEST_BODY + 4 * LONGEST  # bytes; translating a body makes it shorter by less than that

_NOT_OURS = frozenset({"node_modules", "vendor", "_site"})  # what tools put beside a blog's sources


def files_in(folder: Path) -> list[Path]:
    """Return the Markdown files below a folder, sorted by path; hidden ones, and what tools put there, are not a blog's."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _NOT_OURS]
        found += [Path(place, name) for name in names if not name.startswith(".") and Path(name).suffix.lower() in EXTENSIONS]
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def read_files(files: Iterable[Path], folder: Path) -> Iterator[SourcePost | Skipped]:
    """Read the `files_in` the folder, one after the other; of two that differ only in their extension the first is the post."""
    first: dict[str, PurePosixPath] = {}
    for path in files:
        post = _read_file(path, folder)
        if isinstance(post, SourcePost) and first.setdefault(post.source_id, post.path) != post.path:
            post = Skipped(post.path, f"{first[post.source_id]} is the same post")
        yield post


def _read_file(path: Path, folder: Path) -> SourcePost | Skipped:
    relative = PurePosixPath(path.relative_to(folder).as_posix())
    try:
        status = path.stat()
        if status.st_size > LONGEST_FILE:
            return Skipped(relative, f"it has {status.st_size:,} bytes, of at most {LONGEST_FILE:,}")
        content = path.read_bytes()
    except OSError as error:
        return Skipped(relative, f"it can not be read: {error.strerror}")
    return parse(relative, content, changed_at=datetime.fromtimestamp(status.st_mtime, UTC))
