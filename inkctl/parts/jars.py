"""Kafka's jars, exactly those that `dev/kafka-jars.txt` pins, from Maven Central by jgo (no Maven needed).

`python -m inkctl.parts.jars` renews the pins (`make lock`).
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from inkctl.failures import Failed
from inkctl.parts.cache import ROOT, cache_folder, only_one

PINS = ROOT / "dev" / "kafka-jars.txt"

# Two builds joined: in one, log4j's own list of versions would pull kafka-clients down to one that does not fit.
# Without the second the broker logs nothing, not even why it exits.
BUILDS = (
    "org.apache.kafka:kafka_2.13:4.3.1+org.apache.kafka:kafka-tools:4.3.1",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4",
)
HEADER = """\
# The jars of the embedded Kafka: group:artifact:version sha256. Made by `make lock`; what does not match is not run.
"""
AT_ONCE = 6

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Jar:
    """One pinned jar."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{self.artifact}-{self.version}.jar"

    def matches(self, path: Path) -> bool:
        """Whether this file is the pinned one."""
        return path.is_file() and _sha256(path) == self.sha256


def read_pins(text: str) -> list[Jar]:
    """Parse the pins; order is the class path's."""
    jars = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            coordinates, sha256 = line.split()
            group, artifact, version = coordinates.split(":")
            jars.append(Jar(group, artifact, version, sha256))
    return jars


def fetch(jars: Iterable[Jar], folder: Path, progress: Progress, download: Callable[[Jar, Path], Path]) -> list[Path]:
    """Have every jar in `folder`, downloading those that are missing or altered; returns their paths in order.

    A jar gets its final name only after its checksum was found right.
    """
    wanted = list(jars)
    with only_one(folder), ThreadPoolExecutor(AT_ONCE) as pool:
        present = pool.map(lambda jar: jar.matches(folder / jar.name), wanted)
        missing = [jar for jar, there in zip(wanted, present, strict=True) if not there]
        progress(len(wanted) - len(missing), len(wanted))
        with tempfile.TemporaryDirectory(prefix=".incoming-", dir=folder) as incoming:
            waiting = [pool.submit(_fetch_one, jar, folder, Path(incoming), download) for jar in missing]
            try:
                for done, finished in enumerate(as_completed(waiting), len(wanted) - len(missing) + 1):
                    finished.result()
                    progress(done, len(wanted))
            finally:
                pool.shutdown(cancel_futures=True)
    return [folder / jar.name for jar in wanted]


def class_path() -> list[Path]:
    """Say where the jars of the pinned Kafka are once they are installed."""
    return [cache_folder() / "jars" / jar.name for jar in read_pins(PINS.read_text())]


def install(progress: Progress) -> list[Path]:
    """Have the jars of the pinned Kafka, downloaded if need be; returns the class path."""
    return fetch(read_pins(PINS.read_text()), cache_folder() / "jars", progress, _from_central)


def _fetch_one(jar: Jar, folder: Path, incoming: Path, download: Callable[[Jar, Path], Path]) -> None:
    try:
        path = download(jar, incoming)
    except (OSError, RuntimeError) as error:
        raise Failed(
            f"download of {jar.name}", str(error), "see that Maven Central can be reached from here, then run the same command again"
        ) from error
    if not jar.matches(path):
        raise Failed(
            f"check of {jar.name}",
            f"its SHA-256 is {_sha256(path)}, pinned is {jar.sha256}",
            f"do not use it; find out who altered it on the way, or whether {PINS.name} is wrong",
        )
    shutil.move(path, folder / jar.name)


def _from_central(jar: Jar, incoming: Path) -> Path:
    # Imported here: it takes a while, and there is mostly nothing to download.
    from jgo.maven import MavenContext  # noqa: PLC0415

    context = MavenContext(repo_cache=incoming, local_repos=[], timeout=60)
    path: Path = context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
    return path


def _resolve() -> Iterator[str]:
    import jgo  # noqa: PLC0415 - as above

    seen = set()
    for build in BUILDS:
        for artifact in jgo.resolve(build):
            coordinates = f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}"
            if coordinates not in seen:
                seen.add(coordinates)
                yield f"{coordinates} {_sha256(artifact.resolve())}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    PINS.write_text(HEADER + "".join(f"{line}\n" for line in _resolve()))
