"""Ports on loopback: free ones chosen at the first start and kept, and who holds one that is taken."""

import json
import random
import socket
from collections.abc import Iterable
from pathlib import Path

from inkctl.failures import Failed

LOOPBACK = "127.0.0.1"
# Below those that Linux hands out for outgoing connections, so that none of these takes a port of ours while we are down.
RANGE = range(20000, 32000)
LISTENING = "0A"


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((LOOPBACK, port))
            trial.listen(1)
        except OSError:
            return False
    return True


def free_port(but: Iterable[int] = ()) -> int:
    """Find a port that nobody listens on."""
    while True:
        port = random.choice(RANGE)  # noqa: S311 - no secret
        if port not in but and is_free(port):
            return port


def read(path: Path) -> dict[str, int]:
    """Read the ports kept in a file; none where there is no such file, or a damaged one."""
    try:
        return {str(name): int(port) for name, port in json.loads(path.read_text()).items()}
    except (FileNotFoundError, ValueError, AttributeError, TypeError):
        return {}


def assign(path: Path, names: Iterable[str], **given: int) -> dict[str, int]:
    """Give each name the port kept for it, or a free one from now on; `given` are chosen by the caller, and come before those kept."""
    kept = {name: port for name, port in read(path).items() if port not in given.values()}
    ports = {**kept, **given}
    for name in names:
        if name not in ports:
            ports[name] = free_port(but=ports.values())
    aside = path.with_suffix(".new")
    aside.write_text(json.dumps(ports, indent=2))
    aside.rename(path)
    return ports


def refuse_taken(name: str, port: int, cure: str) -> None:
    """Raise `Failed` if somebody listens on a port that we are about to need."""
    if not is_free(port):
        holder = holder_of(port)
        raise Failed(f"start of {name}", f"port {port} is taken" + (f" by {holder}" if holder else ""), cure)


def holder_of(port: int) -> str | None:
    """Name the process that listens on a port, where the system lets us see it (Linux, own processes)."""
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(link.readlink()) in sockets for link in (process / "fd").iterdir()):
                return f"process {process.name} ({(process / 'comm').read_text().strip()})"
        except OSError:
            continue
    return None


def _listening_inodes(port: int) -> Iterable[str]:
    for table in ("tcp", "tcp6"):
        try:
            lines = (Path("/proc/net") / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]
