"""The programs of the embedded run, in the order in which they start."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from aiohttp import ClientSession

from inkctl.door.app import is_ready
from inkctl.installation import Installation
from inkctl.names import DOOR, KAFKA, KAFKA_CONTROLLER, MONGOD, VITE, names_of, service_of
from inkctl.parts import kafka, mongod, warmth, web
from inkctl.parts.kafka import Kafka
from inkctl.parts.mongod import Mongod
from inkctl.ports import LOOPBACK
from inkctl.programs import Program


def kafka_program(part: Kafka) -> Program:
    """Make Kafka's."""
    return Program(
        name=KAFKA,
        command=part.command(),
        port=part.port,
        serves=_in_a_thread(part.answers),
        prepare=part.prepare,
        start_seconds=kafka.READY_SECONDS,
        stop_seconds=30,
    )


def mongod_program(part: Mongod) -> Program:
    """Make MongoDB's."""
    return Program(
        name=MONGOD,
        command=part.command(),
        port=part.port,
        serves=_in_a_thread(part.answers),
        prepare=part.prepare,
        start_seconds=mongod.READY_SECONDS,
        stop_seconds=30,
    )


class Plan:
    """What to run for one installation."""

    def __init__(
        self, installation: Installation, replicas: Mapping[str, int], jars: list[Path], mongod: Path, session: ClientSession
    ) -> None:
        self._installation = installation
        self._replicas = replicas
        self._session = session
        ports, home = installation.ports, installation.home
        self._kafka = Kafka(home.kafka, jars, ports[KAFKA], ports[KAFKA_CONTROLLER], options=warmth.options())
        self._mongod = Mongod(home.mongod, mongod, ports[MONGOD])

    def kafka(self) -> Program:
        """Make Kafka's."""
        return kafka_program(self._kafka)

    def mongod(self) -> Program:
        """Make MongoDB's."""
        return mongod_program(self._mongod)

    def services(self) -> list[Program]:
        """Make the services', with all replicas."""
        return [self._service(name) for name in names_of(self._replicas)]

    def door(self) -> Program:
        """Make the front door's."""
        ports = self._installation.ports
        behind: dict[str, list[str]] = {}
        for name in names_of(self._replicas):
            behind.setdefault(service_of(name), []).append(f"{LOOPBACK}:{ports[name]}")
        told = {
            "INKSTREAM_PORT": str(ports[DOOR]),
            "INKSTREAM_UPSTREAMS": json.dumps(behind),
            "INKSTREAM_ASSETS": str(web.DIST / "assets"),
        }
        return self._python(DOOR, "inkctl.door", told)

    def vite(self) -> Program:
        """Make that of the web app's development server, which passes on to the door what is not its own."""
        port = self._installation.ports[VITE]
        environment = {**web.environment(), "INKSTREAM_PUBLIC_URL": self._installation.public_url}
        command = ["npm", "--prefix", str(web.FRONTEND), "run", "dev", "--", "--host", LOOPBACK, "--port", str(port), "--strictPort"]

        async def answers() -> bool:
            try:
                _, writer = await asyncio.open_connection(LOOPBACK, port)
            except OSError:
                return False
            writer.close()
            return True

        return Program(name=VITE, command=command, port=port, serves=answers, environment=environment)

    def _service(self, name: str) -> Program:
        service = service_of(name)
        port = self._installation.ports[name]
        return self._python(name, service, {**self._installation.settings(service), "INKSTREAM_PORT": str(port), "INKSTREAM_REPLICA": name})

    def _python(self, name: str, module: str, told: Mapping[str, str]) -> Program:
        base = f"http://{LOOPBACK}:{told['INKSTREAM_PORT']}"
        return Program(
            name=name,
            command=[sys.executable, "-m", module],
            port=int(told["INKSTREAM_PORT"]),
            serves=lambda: is_ready(self._session, base),
            environment={**told, "PYTHONUNBUFFERED": "1", "INKSTREAM_LEASE_MS": os.environ.get("INKSTREAM_LEASE_MS", "3000")},
            start_seconds=120,  # a service reads its log before it is ready
            stop_seconds=15,
        )


def _in_a_thread(answers: Callable[[], bool]) -> Callable[[], "asyncio.Future[bool]"]:
    return lambda: asyncio.ensure_future(asyncio.to_thread(answers))
