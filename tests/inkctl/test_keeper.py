"""One program is kept running, whatever happens to its process."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from inkctl.failures import Failed
from inkctl.keeper import Keeper
from inkctl.programs import Program, State
from inkctl.rotation import RotatingFile
from tests.inkctl.conftest import Small
from tests.kit.notices import Notices

AT_ONCE = (0.0,)


def _keeper(program: Program, folder: Path, notices: Notices) -> Keeper:
    return Keeper(program, RotatingFile(folder / f"{program.name}.log"), folder, notices, delays=AT_ONCE)


async def test_a_program_that_dies_is_started_again(small: Small, tmp_path: Path, notices: Notices) -> None:
    keeper = _keeper(small.program("a"), tmp_path, notices)
    await keeper.start()
    first = keeper.pid
    assert first is not None

    os.kill(first, signal.SIGKILL)
    await notices.until(lambda: notices.states("a").count(State.READY) == 2)

    assert keeper.pid != first
    assert ("a", State.RESTARTING, "ended by SIGKILL") in notices.told
    await keeper.stop()


async def test_a_program_that_ends_by_itself_is_started_again(small: Small, tmp_path: Path, notices: Notices) -> None:
    keeper = _keeper(small.program("a", "signal.signal(signal.SIGUSR1, lambda *_: sys.exit(3))"), tmp_path, notices)
    await keeper.start()

    os.kill(keeper.pid or 0, signal.SIGUSR1)
    await notices.until(lambda: notices.states("a").count(State.READY) == 2)

    assert ("a", State.RESTARTING, "ended with exit code 3") in notices.told
    await keeper.stop()


async def test_a_program_that_can_not_start_fails_with_its_last_words(small: Small, tmp_path: Path, notices: Notices) -> None:
    keeper = _keeper(small.program("a", "sys.exit('no such luck')"), tmp_path, notices)

    with pytest.raises(Failed) as failure:
        await keeper.start()

    assert "start of a" == failure.value.what
    assert "ended with exit code 1" in failure.value.why
    assert "no such luck" in failure.value.why
    assert State.FAILED is keeper.state
    await keeper.stop()


async def test_a_program_that_does_not_serve_in_time_fails(small: Small, tmp_path: Path, notices: Notices) -> None:
    keeper = _keeper(small.program("a", "signal.pause()", start_seconds=0.2), tmp_path, notices)

    with pytest.raises(Failed, match="did not serve within"):
        await keeper.start()

    await keeper.stop()
    assert keeper.pid is None


async def test_a_program_that_is_not_there_fails(tmp_path: Path, notices: Notices) -> None:
    async def serves() -> bool:
        return False

    keeper = _keeper(Program(name="a", command=["/nowhere/a"], port=1, serves=serves), tmp_path, notices)

    with pytest.raises(Failed, match="/nowhere/a"):
        await keeper.start()

    await keeper.stop()


async def test_a_program_that_dies_again_and_again_has_failed_and_is_tried_again(small: Small, tmp_path: Path, notices: Notices) -> None:
    once = f"os.path.exists({str(tmp_path / 'broken')!r}) and sys.exit(1)"
    keeper = _keeper(small.program("a", once), tmp_path, notices)
    await keeper.start()

    (tmp_path / "broken").touch()
    os.kill(keeper.pid or 0, signal.SIGKILL)
    await notices.until(lambda: State.FAILED in notices.states("a"))
    (tmp_path / "broken").unlink()

    await notices.until(lambda: notices.states("a")[-1] is State.READY)
    await keeper.stop()


async def test_what_does_not_end_when_asked_is_killed(small: Small, tmp_path: Path, notices: Notices) -> None:
    deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    keeper = _keeper(small.program("a", deaf, stop_seconds=0.2), tmp_path, notices)
    await keeper.start()

    async with asyncio.timeout(10):
        await keeper.stop()

    assert (None, State.STOPPED) == (keeper.pid, keeper.state)


async def test_what_a_program_started_ends_with_it(small: Small, tmp_path: Path, notices: Notices) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); signal.pause()"
    child = f"import subprocess; p = subprocess.Popen([sys.executable, '-S', '-c', {deaf!r}], stdout=-1); p.stdout.read(1)"
    keeper = _keeper(small.program("a", f"{child}; print(p.pid, flush=True)"), tmp_path, notices)
    await keeper.start()
    grandchild = int(keeper.log.tail(1)[0])

    await keeper.stop()

    await _until_gone(grandchild)


async def test_a_restart_begins_a_new_process_at_once(small: Small, tmp_path: Path, notices: Notices) -> None:
    keeper = _keeper(small.program("a"), tmp_path, notices)
    await keeper.start()
    first = keeper.pid

    await keeper.restart()
    await notices.until(lambda: notices.states("a").count(State.READY) == 2)

    assert first != keeper.pid
    await keeper.stop()


async def test_stopping_while_starting_leaves_nothing(small: Small, tmp_path: Path, notices: Notices) -> None:
    keeper = _keeper(small.program("a", "signal.pause()"), tmp_path, notices)
    starting = asyncio.create_task(keeper.start())
    await notices.until(lambda: keeper.pid is not None or State.STARTING in notices.states("a"))

    await keeper.stop()
    await asyncio.gather(starting, return_exceptions=True)

    assert keeper.pid is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
async def test_no_orphan_is_left_when_we_are_killed(tmp_path: Path) -> None:
    script = f"""
import asyncio, os, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from pathlib import Path
from inkctl.keeper import Keeper
from inkctl.programs import Program
from inkctl.rotation import RotatingFile

async def serves():
    return True

async def live():
    program = Program(name="a", command=[sys.executable, "-S", "-c", "import signal; signal.pause()"], port=1, serves=serves)
    keeper = Keeper(program, RotatingFile(Path({str(tmp_path / "a.log")!r})), Path("."), lambda *_: None)
    await keeper.start()
    print(keeper.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(live())
"""
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())

    parent.kill()
    await parent.wait()

    await _until_gone(child)


async def _until_gone(pid: int) -> None:
    async with asyncio.timeout(10):
        while _state_of(pid) not in {"Z", None}:  # noqa: ASYNC110 - a process of another parent sets no event of ours
            await asyncio.sleep(0.01)


def _state_of(pid: int) -> str | None:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return None
