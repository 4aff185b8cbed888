"""Kafka and MongoDB as containers of the test run.

testcontainers brings classes for both, but its Kafka wants another vendor's image and its MongoDB can not be a replica set.
`KAFKA_IMAGE` and `MONGO_IMAGE` name the images.
"""

import io
import os
import socket
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from docker.client import DockerClient
from docker.errors import DockerException, ImageNotFound
from pymongo import MongoClient
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

KAFKA_IMAGE = os.environ.get("KAFKA_IMAGE", "apache/kafka:4.3.1")
MONGO_IMAGE = os.environ.get("MONGO_IMAGE", "mongo:8.0")
LABELS = {"inkstream.tests": "true"}
KAFKA_PORT = 9092
MONGO_PORT = 27017
START_SECONDS = 90
START_SCRIPT = "start.sh"
# One KAFKA_* variable makes the image drop all of its defaults, so all are given.
KAFKA_SETTINGS = {
    "NODE_ID": "1",
    "PROCESS_ROLES": "broker,controller",
    "LISTENERS": f"CLIENT://:{KAFKA_PORT},INSIDE://:19092,CONTROLLER://:29092",
    "LISTENER_SECURITY_PROTOCOL_MAP": "CLIENT:PLAINTEXT,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "INTER_BROKER_LISTENER_NAME": "INSIDE",
    "CONTROLLER_LISTENER_NAMES": "CONTROLLER",
    "CONTROLLER_QUORUM_VOTERS": "1@localhost:29092",
    "AUTO_CREATE_TOPICS_ENABLE": "false",
    "LOG_MESSAGE_TIMESTAMP_TYPE": "LogAppendTime",
    "LOG_RETENTION_MS": "-1",
    "GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
    "OFFSETS_TOPIC_NUM_PARTITIONS": "1",
    "OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
    "TRANSACTION_STATE_LOG_NUM_PARTITIONS": "1",
    "TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
    "TRANSACTION_STATE_LOG_MIN_ISR": "1",
    "SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR": "1",
    "SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR": "1",
}


def obstacle() -> str | None:
    """Why containers can not be used here; None where they can. Pulls the images if they are not there yet."""
    if not _engine_listens():
        return "no Docker engine answers"
    try:
        client = DockerClient.from_env()
    except DockerException as error:
        return f"Docker says: {str(error).splitlines()[0]}"
    try:
        client.ping()
        for image in (KAFKA_IMAGE, MONGO_IMAGE):
            _have(client, image)
    except DockerException as error:
        return f"Docker says: {str(error).splitlines()[0]}"
    finally:
        client.close()
    return None


@contextmanager
def kafka() -> Iterator[str]:
    """A broker; gives its bootstrap server.

    It has to advertise the port on the host, which Docker picks only at the start: the container waits for a script,
    which comes once the port is known.
    """
    waiting = f"until [ -s /tmp/{START_SCRIPT} ]; do sleep 0.1; done; exec bash /tmp/{START_SCRIPT}"
    container = (
        DockerContainer(KAFKA_IMAGE)
        .with_exposed_ports(KAFKA_PORT)
        .with_command([waiting])
        .with_kwargs(entrypoint=["bash", "-c"], labels=LABELS)
    )
    for name, value in KAFKA_SETTINGS.items():
        container.with_env(f"KAFKA_{name}", value)
    with container:
        address = f"{container.get_container_host_ip()}:{container.get_exposed_port(KAFKA_PORT)}"
        advertised = f"CLIENT://{address},INSIDE://localhost:19092"
        _put(container, f"export KAFKA_ADVERTISED_LISTENERS='{advertised}'\nexec /etc/kafka/docker/run\n")
        LogMessageWaitStrategy("Kafka Server started").with_startup_timeout(START_SECONDS).wait_until_ready(container)
        yield address


@contextmanager
def mongo() -> Iterator[str]:
    """A replica set of one; gives its address, direct, since the member's own name means nothing outside the container."""
    command = ["mongod", "--replSet", "inkstream", "--bind_ip_all", "--wiredTigerCacheSizeGB", "0.5"]
    container = DockerContainer(MONGO_IMAGE).with_exposed_ports(MONGO_PORT).with_command(command).with_kwargs(labels=LABELS)
    with container:
        LogMessageWaitStrategy("Waiting for connections").with_startup_timeout(START_SECONDS).wait_until_ready(container)
        url = f"mongodb://{container.get_container_host_ip()}:{container.get_exposed_port(MONGO_PORT)}/?directConnection=true"
        with MongoClient[dict[str, object]](url) as client:
            member = {"_id": 0, "host": f"localhost:{MONGO_PORT}"}
            client.admin.command("replSetInitiate", {"_id": "inkstream", "members": [member]})
            while not client.admin.command("hello")["isWritablePrimary"]:
                time.sleep(0.05)
        yield url


def _engine_listens() -> bool:
    # Asked before the client library, which leaves its socket open where nobody listens.
    host = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    scheme, _, path = host.partition("://")
    if scheme != "unix":
        return True
    with socket.socket(socket.AF_UNIX) as trial:
        return trial.connect_ex(path) == 0


def _have(client: DockerClient, image: str) -> None:
    try:
        client.images.get(image)
    except ImageNotFound:
        client.images.pull(image)


def _put(container: DockerContainer, script: str) -> None:
    body = script.encode()
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        entry = tarfile.TarInfo(START_SCRIPT)
        entry.size = len(body)
        tar.addfile(entry, io.BytesIO(body))
    container.get_wrapped_container().put_archive("/tmp", archive.getvalue())  # noqa: S108 - a folder inside the container
