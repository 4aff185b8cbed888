"""The web app's files: their names carry a hash of what is in them, so browsers may keep them for ever."""

from pathlib import Path

from aiohttp import web

PREFIX = "/assets/"
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff", "Server": "inkstream"}

# Said here, since what a system knows about file names differs from one to the next.
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


def find(folder: Path, path: str) -> web.FileResponse | None:
    """Answer `/assets/NAME` by the file of that name in `folder`; None where there is none."""
    if "\0" in path:
        return None  # no file system can be asked for such a name
    file = (folder / path.removeprefix(PREFIX)).resolve()
    if not file.is_relative_to(folder.resolve()) or not file.is_file():
        return None
    named = {"Content-Type": TYPES[file.suffix]} if file.suffix in TYPES else {}
    return web.FileResponse(file, headers={**FOR_EVER, **named})
