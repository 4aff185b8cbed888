"""How commands reach the supervisor: a Unix socket in the home folder, one JSON line each way."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

Answer = Callable[[str], Awaitable[Any]]
PATIENCE_SECONDS = 5.0


@asynccontextmanager
async def serving(path: Path, answer: Answer) -> AsyncIterator[None]:
    """Answer what is asked at `path`; only the owner of the home folder can ask."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            question = json.loads(await reader.readline() or "null")
            writer.write(json.dumps(await answer(str(question))).encode() + b"\n")
            await writer.drain()
        except (ConnectionError, ValueError):
            pass  # whoever asked has gone, or speaks another language
        finally:
            writer.close()

    async with await asyncio.start_unix_server(talk, sock=_listen(path)):
        try:
            yield
        finally:
            _forget(path)


def _listen(path: Path) -> socket.socket:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _forget(path)  # left by a supervisor that was killed; the lock says that there is no other
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    path.chmod(0o600)
    return listening


def _forget(path: Path) -> None:
    path.unlink(missing_ok=True)


def ask(path: Path, question: str) -> Any:
    """Ask the supervisor; None where there is none.

    Raises `TimeoutError` where there is one that does not answer.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(PATIENCE_SECONDS)
        try:
            connection.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        connection.sendall(json.dumps(question).encode() + b"\n")
        with connection.makefile() as reply:
            return json.loads(reply.readline() or "null")
