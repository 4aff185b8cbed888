"""Where the built web app's files are: what Vite's manifest says, as addresses for the head of a page."""

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_log = logging.getLogger(__name__)

MANIFEST: Final = Path(".vite") / "manifest.json"
_ENTRY: Final = "src/main.tsx"
_THEME: Final = "src/theme.ts"
_ICON: Final = "src/icon.svg"
_FONTS: Final = "node_modules/@fontsource-variable"
_UI: Final = f"{_FONTS}/inter/files/inter-latin-wght-normal.woff2"
_TEXT: Final = f"{_FONTS}/source-serif-4/files/source-serif-4-latin-wght-normal.woff2"
_ITALIC: Final = f"{_FONTS}/source-serif-4/files/source-serif-4-latin-wght-italic.woff2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """The addresses of the files that pages name."""

    theme: str
    stylesheets: tuple[str, ...]
    icon: str
    entry: str
    font_ui: str
    font_text: str
    font_italic: str


class Assets:
    """The built web app. Every page looks whether it was built anew: old files are gone then."""

    def __init__(self, folder: Path) -> None:
        self._manifest = folder / MANIFEST
        self._written = 0
        self._built: Built | None = None

    @property
    def built(self) -> Built | None:
        """The addresses of its files as they are now; None where it is not built."""
        self.look()
        return self._built

    def look(self) -> str | None:
        """Read the manifest where it has changed; why pages have no script and no style, or None where they have."""
        try:
            written = self._manifest.stat().st_mtime_ns
            if written != self._written:
                self._built = _read(json.loads(self._manifest.read_text("utf-8")))
                self._written = written
                _log.info("the web app was found", extra={"entry": self._built.entry})
        except FileNotFoundError:
            # While it is built anew the manifest is away for a moment: the files that were known are the best guess.
            return None if self._built is not None else f"the web app is not built: there is no {self._manifest}"
        except (OSError, ValueError, KeyError) as error:
            return f"{self._manifest} is no manifest of the web app: {error!r}"
        return None


def _read(manifest: dict[str, Any]) -> Built:
    return Built(
        theme=_address(manifest[_THEME]["file"]),
        stylesheets=tuple(_address(file) for file in manifest[_ENTRY]["css"]),
        icon=_address(manifest[_ICON]["file"]),
        entry=_address(manifest[_ENTRY]["file"]),
        font_ui=_address(manifest[_UI]["file"]),
        font_text=_address(manifest[_TEXT]["file"]),
        font_italic=_address(manifest[_ITALIC]["file"]),
    )


def _address(file: str) -> str:
    return f"/{file}"
