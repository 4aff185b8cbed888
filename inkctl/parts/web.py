"""The web app, built by the Node that a Python package brings; built again only when something that it is made of has changed."""

import asyncio
import hashlib
import os
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from inkctl.failures import Failed
from inkctl.parts.cache import ROOT
from inkctl.parts.spawn import tie_to_parent
from inkctl.rotation import RotatingFile

FRONTEND = ROOT / "frontend"
DIST = FRONTEND / "dist"
NOT_INPUTS = {"node_modules", "dist", "coverage", "test-results"}
LAST_LINES = 25

Say = Callable[[str], None]


def environment() -> dict[str, str]:
    """Give our environment with node and npm, which stand beside this Python, first on PATH."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


async def build(log: Path, frontend: Path = FRONTEND) -> None:
    """Have `dist/` made of the files as they are now."""
    inputs = digest(_inputs(frontend), frontend)
    stamp = frontend / "dist" / ".made-of"
    if _read(stamp) == inputs:
        return
    await install(log, frontend)
    await _npm(["run", "build"], log, frontend)
    _write(stamp, inputs)


async def install(log: Path, frontend: Path = FRONTEND) -> None:
    """Have `node_modules/` as the lock file says."""
    lock = digest([frontend / "package.json", frontend / "package-lock.json"], frontend)
    stamp = frontend / "node_modules" / ".made-of"
    if _read(stamp) == lock:
        return
    await _npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], log, frontend)
    _write(stamp, lock)


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


def _write(stamp: Path, text: str) -> None:
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(text)


async def _npm(arguments: list[str], log: Path, frontend: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            "npm",
            *arguments,
            cwd=frontend,
            env=environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            process_group=0,
            preexec_fn=tie_to_parent(),
        )
        try:
            code = await process.wait()
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
    if code != 0:
        said = "\n".join(f"    {line}" for line in RotatingFile(log).tail(LAST_LINES))
        cure = f"mend it, or see that the npm registry can be reached from here; all of it is in {log}"
        raise Failed(f"npm {' '.join(arguments)}", f"it ended with exit code {code}; the last that it said:\n{said}", cure)


if __name__ == "__main__":
    try:
        asyncio.run(build(FRONTEND / "node_modules" / ".build.log"))
    except Failed as failure:
        sys.exit("\n".join(failure.lines()))
