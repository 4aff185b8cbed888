"""Three brokers, as in production: each fact on three disks, and acknowledged by two."""

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from inkctl.parts import jars, warmth
from inkctl.parts.kafka import QUICK_START, SERVER_PROPERTIES, Kafka, new_cluster
from inkctl.ports import free_port
from tests.kit.processes import spawn, wait

BROKERS = 3
# The last line of a name counts. Short, so that a leader that is gone is missed soon, as the one of the product.
OF_THREE = """
node.id={node}
controller.quorum.voters={voters}
offsets.topic.replication.factor=3
"""


@dataclass(frozen=True)
class Broker(Kafka):
    """The embedded Kafka as one of several."""

    node: int = 0
    voters: str = ""

    def properties(self, data: Path) -> str:
        """See `Kafka.properties`."""
        alone = SERVER_PROPERTIES.format(port=self.port, controller_port=self.controller_port, data=data)
        return alone + OF_THREE.format(node=self.node, voters=self.voters)


@dataclass(frozen=True)
class Cluster:
    """The brokers, which a test may kill, by their numbers."""

    brokers: dict[int, Broker]
    processes: dict[int, "subprocess.Popen[bytes]"]

    @property
    def bootstrap(self) -> str:
        """Where clients begin: any of them that runs."""
        return ",".join(broker.address for node, broker in self.brokers.items() if self.processes[node].poll() is None)

    def kill(self, node: int) -> None:
        """Kill one, at once; nobody brings it back."""
        self.processes[node].kill()
        self.processes[node].wait()


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Run it."""
    class_path = jars.install(lambda _done, _all: None)
    warmth.prepare(class_path)
    options, cluster_id = (*QUICK_START, *warmth.options()), new_cluster()
    ports = {node: (free_port(), free_port()) for node in range(1, BROKERS + 1)}
    voters = ",".join(f"{node}@127.0.0.1:{controller_port}" for node, (_, controller_port) in ports.items())
    brokers = {
        node: Broker(folder / str(node), class_path, *ports[node], options=options, cluster=cluster_id, node=node, voters=voters)
        for node in ports
    }
    with ThreadPoolExecutor() as pool:
        list(pool.map(Broker.prepare, brokers.values()))
    logs = {node: broker.folder / "output.log" for node, broker in brokers.items()}
    processes = {node: spawn(broker, logs[node]) for node, broker in brokers.items()}
    try:
        for node, broker in brokers.items():
            wait(broker, processes[node], logs[node])
        yield Cluster(brokers, processes)
    finally:
        for process in processes.values():
            process.kill()  # what they hold is nobody's
            process.wait()
