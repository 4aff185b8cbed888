"""Kafka and MongoDB as processes of the test run, from the parts of the embedded run."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from inkctl.parts import jars, warmth
from inkctl.parts.kafka import QUICK_START, Kafka
from inkctl.parts.mongod import Mongod, find_mongod
from inkctl.parts.spawn import tie_to_parent
from inkctl.ports import free_port

START_SECONDS = 120
STOP_SECONDS = 20


class Engine(Protocol):
    """What both parts have."""

    def prepare(self) -> None: ...
    def command(self) -> list[str]: ...
    def answers(self) -> bool: ...


@contextmanager
def kafka(folder: Path) -> Iterator[str]:
    """A Kafka of this run's own; gives its bootstrap server."""
    class_path = jars.install(lambda _done, _all: None)
    warmth.prepare(class_path)
    engine = Kafka(folder, class_path, free_port(), free_port(), options=(*QUICK_START, *warmth.options()))
    with running(engine, folder / "output.log"):
        yield engine.address


@contextmanager
def mongo(folder: Path) -> Iterator[str]:
    """A MongoDB of this run's own; gives its address."""
    engine = Mongod(folder / "data", find_mongod(), free_port())
    with running(engine, folder / "output.log"):
        yield engine.address


@contextmanager
def running(engine: Engine, log: Path) -> Iterator[None]:
    engine.prepare()
    process = spawn(engine, log)
    try:
        wait(engine, process, log)
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def spawn(engine: Engine, log: Path) -> "subprocess.Popen[bytes]":
    """Start what is prepared; from the main thread, for it ends with the thread that started it."""
    with log.open("wb") as output:
        return subprocess.Popen(  # noqa: S603 - our own command
            engine.command(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=tie_to_parent(),  # noqa: PLW1509 - the child calls one function of libc, prepared before
        )


def wait(engine: Engine, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until it answers. Raises RuntimeError where it ends instead, or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while not engine.answers():
        if process.poll() is not None or time.monotonic() > deadline:
            last = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
            raise RuntimeError(f"{Path(process.args[0]).name} did not start:\n{last}")  # type: ignore[index,arg-type] # args is our list
        time.sleep(0.05)
