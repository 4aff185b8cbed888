"""The embedded Kafka and nothing else, for as long as somebody works on its log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from inkctl import disk, ports
from inkctl.home import Home
from inkctl.names import DOOR, KAFKA, KAFKA_CONTROLLER, port_names
from inkctl.options import DEFAULT_PORT
from inkctl.parts import jars, warmth
from inkctl.parts.kafka import Kafka
from inkctl.plan import kafka_program
from inkctl.programs import State
from inkctl.report import Report
from inkctl.supervisor import Supervisor


@asynccontextmanager
async def kafka_alone(home: Home, report: Report) -> AsyncIterator[str]:
    """Hold the home folder, and run its Kafka; gives its bootstrap server."""
    disk.refuse_full(home.folder)
    with home.held():
        given = ports.assign(home.ports, port_names({}), door=ports.read(home.ports).get(DOOR, DEFAULT_PORT))
        with report.step("Have Apache Kafka's jars") as step:
            await asyncio.to_thread(jars.install, step.progress)
        kafka = Kafka(home.kafka, jars.class_path(), given[KAFKA], given[KAFKA_CONTROLLER], options=warmth.options())
        supervisor = Supervisor(home, [[kafka_program(kafka)]], lambda *told: _notice(report, *told))
        try:
            with report.step("Start Kafka alone"):
                await supervisor.start(0)
            yield kafka.address
        finally:
            with report.step("Stop Kafka"):
                await supervisor.stop()


def _notice(report: Report, name: str, state: State, detail: str) -> None:
    if detail:
        report.say(f"  {name}: {detail}{'; it is started again' if state is State.RESTARTING else ''}", "yellow")
