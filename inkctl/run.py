"""The embedded run from its start to its end: what `inkctl up` does."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession

from eventlog import topics
from inkctl import control, disk, keyring, ports
from inkctl.failures import Failed
from inkctl.home import Home
from inkctl.installation import Installation
from inkctl.names import DOOR, VITE, port_names
from inkctl.options import Options
from inkctl.parts import jars, warmth, web
from inkctl.parts.mongod import find_mongod
from inkctl.plan import Plan
from inkctl.programs import State
from inkctl.reloading import reload_on_change
from inkctl.report import Report
from inkctl.supervisor import Supervisor

FREED_SECONDS = 5.0  # what a killed run has left may need a moment to be gone
LOOK_SECONDS = 0.1


class Run:
    """One embedded run in one home folder."""

    def __init__(self, home: Home, options: Options, report: Report) -> None:
        self._home = home
        self._options = options
        self._report = report
        self._ending = asyncio.Event()
        self._serving = False

    async def __call__(self) -> None:
        """Run until told to stop, by Ctrl-C, SIGTERM or `inkctl down`.

        Raises `Failed` if something can not be started; whatever was is then stopped again.
        """
        self._home.folder.mkdir(parents=True, exist_ok=True)
        disk.refuse_full(self._home.folder)
        with self._home.held():
            installation = self._prepare()
            async with ClientSession() as session:
                plan = Plan(installation, self._options.replicas, jars.class_path(), find_mongod(), session)
                await self._check_ports(installation)
                stages = [
                    [plan.kafka()],
                    [plan.mongod()],
                    plan.services(),
                    [plan.door()],
                    *([[plan.vite()]] if self._options.develop else []),
                ]
                supervisor = Supervisor(self._home, stages, self._notice)
                async with self._told(supervisor, installation):
                    try:
                        await self._unless_ended(self._start(supervisor, installation))
                        await self._serve(supervisor, installation)
                    finally:
                        with self._report.step("Stop everything, in order"):
                            await supervisor.stop()

    def _prepare(self) -> Installation:
        secrets, made = keyring.load_or_make(self._home)
        if made:
            for line in keyring.WARNING:
                self._report.say(line.format(path=self._home.secrets), "bold yellow")
        names = [*port_names(self._options.replicas), *([VITE] if self._options.develop else [])]
        return Installation(self._home, ports.assign(self._home.ports, names, door=self._options.port), secrets)

    async def _check_ports(self, installation: Installation) -> None:
        needed = {name: installation.ports[name] for name in [*port_names(self._options.replicas), DOOR]}
        loop = asyncio.get_running_loop()
        deadline = loop.time() + FREED_SECONDS
        while not all(map(ports.is_free, needed.values())) and loop.time() < deadline and self._home.has_data():  # noqa: ASYNC110 - the kernel sets no event of ours
            await asyncio.sleep(LOOK_SECONDS)
        for name, port in needed.items():
            cure = (
                f"stop that, or choose another port: make up PORT={port + 1}"
                if name == DOOR
                else f"stop that, or delete {self._home.ports}, so that other ports are chosen"
            )
            ports.refuse_taken(name, port, cure)

    async def _start(self, supervisor: Supervisor, installation: Installation) -> None:
        built = asyncio.create_task(self._build_web_app())
        try:
            with self._report.step("Have Apache Kafka's jars") as step:
                await asyncio.to_thread(jars.install, lambda done, total: self._progress(step.progress, done, total))
            if not warmth.kept().exists():
                with self._report.step("Prepare Kafka for quick starts"):
                    await asyncio.to_thread(warmth.prepare, jars.class_path(), lambda: not self._ending.is_set())
            with self._report.step("Start Kafka"):
                await supervisor.start(0)
            with self._report.step("Start MongoDB"):
                await supervisor.start(1)
            with self._report.step("Create the topics"):
                await topics.ensure(installation.settings()["INKSTREAM_KAFKA"])
            await built
            with self._report.step("Start the services"):
                await supervisor.start(2)
            with self._report.step("Open the front door"):
                await supervisor.start(3)
            if self._options.develop:
                with self._report.step("Start Vite"):
                    await supervisor.start(4)
        finally:
            built.cancel()

    def _progress(self, show: Any, done: int, total: int) -> None:
        if self._ending.is_set():
            raise Failed("download", "it was interrupted", "run the same command again; what was downloaded is kept")
        show(done, total)

    async def _build_web_app(self) -> None:
        with self._report.step("Build the web app"):
            await web.build(self._home.logs / "web.log")

    async def _serve(self, supervisor: Supervisor, installation: Installation) -> None:
        if self._ending.is_set():
            return
        url = f"http://{ports.LOOPBACK}:{installation.ports[VITE]}" if self._options.develop else installation.public_url
        self._report.say(f"Inkstream is ready: {url}", "bold green")
        self._report.say(f"  Ctrl-C or `inkctl down` stops it; `inkctl status` shows it; everything is kept in {self._home.folder}")
        self._serving = True
        beside = [asyncio.create_task(supervisor.watch_disk())]
        if self._options.develop:
            beside.append(asyncio.create_task(reload_on_change(supervisor, self._report)))
        await self._ending.wait()
        self._serving = False
        for task in beside:
            task.cancel()

    async def _unless_ended(self, work: Awaitable[None]) -> None:
        working = asyncio.ensure_future(work)
        ended = asyncio.create_task(self._ending.wait())
        try:
            await asyncio.wait({working, ended}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                await working
        finally:
            working.cancel()
            ended.cancel()
            await asyncio.gather(working, ended, return_exceptions=True)

    @asynccontextmanager
    async def _told(self, supervisor: Supervisor, installation: Installation) -> AsyncIterator[None]:
        """Listen to signals, and to commands on the control socket."""

        def end() -> None:
            if self._ending.is_set():
                supervisor.kill()  # asked twice: somebody can not wait
            self._ending.set()

        async def answer(question: str) -> Any:
            if question == "stop":
                self._ending.set()
            return {"ready": self._serving and supervisor.all_ready(), "url": installation.public_url, "programs": supervisor.status()}

        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, end)
        async with control.serving(self._home.control, answer):
            yield

    def _notice(self, name: str, state: State, detail: str) -> None:
        if state is State.FAILED or detail:
            again = "; it is started again" if state is State.RESTARTING else ""
            self._report.say(f"  {name}: {detail}{again}", "yellow")
            if name != "disk" and (words := disk.complaint(self._home.folder)):
                self._report.say(f"  {words}", "bold red")
        elif state is State.READY and self._serving:
            self._report.say(f"  {name} serves again", "green")
