"""Programs go up in order and down in reverse order."""

import asyncio
import os
import signal

import pytest

from inkctl.failures import Failed
from inkctl.home import Home
from inkctl.programs import State
from inkctl.supervisor import Supervisor
from tests.inkctl.conftest import Small
from tests.kit.notices import Notices


async def test_what_started_first_stops_last(small: Small, home: Home, notices: Notices) -> None:
    supervisor = Supervisor(home, [[small.program(name, small.note(name))] for name in ("a", "b", "c")], notices)
    for number in range(3):
        await supervisor.start(number)

    await supervisor.stop()

    assert ["c", "b", "a"] == small.order()
    assert ["stopped"] * 3 == [row["state"] for row in supervisor.status()]


async def test_status_tells_name_process_port_and_state(small: Small, home: Home, notices: Notices) -> None:
    supervisor = Supervisor(home, [[small.program("a")], [small.program("b")]], notices)
    await supervisor.start(0)

    status = supervisor.status()

    assert {"name": "a", "pid": small.pids("a")[0], "port": 1, "state": "ready"} == status[0]
    assert {"name": "b", "pid": None, "port": 1, "state": "stopped"} == status[1]
    assert not supervisor.all_ready()
    await supervisor.stop()


async def test_one_death_leaves_the_others_alone(small: Small, home: Home, notices: Notices) -> None:
    supervisor = Supervisor(home, [[small.program("a"), small.program("b")]], notices)
    await supervisor.start(0)

    os.kill(small.pids("a")[0], signal.SIGKILL)
    await notices.until(lambda: notices.states("a").count(State.READY) == 2)

    assert supervisor.all_ready()
    assert 1 == len(small.pids("b"))
    await supervisor.stop()


async def test_a_stage_that_fails_leaves_nothing_running_after_the_stop(small: Small, home: Home, notices: Notices) -> None:
    supervisor = Supervisor(home, [[small.program("a"), small.program("b", "sys.exit(1)")]], notices)

    with pytest.raises(Failed, match="start of b"):
        await supervisor.start(0)
    await supervisor.stop()

    assert [None, None] == [row["pid"] for row in supervisor.status()]


async def test_only_those_named_are_restarted(small: Small, home: Home, notices: Notices) -> None:
    supervisor = Supervisor(home, [[small.program("a"), small.program("b")]], notices)
    await supervisor.start(0)

    await supervisor.restart(["a"])
    await notices.until(lambda: notices.states("a").count(State.READY) == 2)

    assert (2, 1) == (len(small.pids("a")), len(small.pids("b")))
    await supervisor.stop()


async def test_a_full_disk_is_named_and_so_is_its_end(home: Home, notices: Notices, monkeypatch: pytest.MonkeyPatch) -> None:
    free = 1
    monkeypatch.setattr("inkctl.disk.free_bytes", lambda _folder: free)
    monkeypatch.setattr("inkctl.supervisor.LOOK_AT_DISK_SECONDS", 0)
    watching = asyncio.create_task(Supervisor(home, [], notices).watch_disk())

    await notices.until(lambda: bool(notices.states("disk")))
    free = 1 << 40
    await notices.until(lambda: State.READY in notices.states("disk"))

    assert [State.FAILED, State.READY] == notices.states("disk")
    assert str(home.folder) in notices.told[0][2]
    watching.cancel()
