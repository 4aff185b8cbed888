"""Commands reach the supervisor by its socket."""

import asyncio
import socket
import stat

from inkctl import control
from inkctl.home import Home


async def _answer(question: str) -> dict[str, str]:
    return {"asked": question}


async def test_a_question_is_answered(home: Home) -> None:
    async with control.serving(home.control, _answer):
        answer = await asyncio.to_thread(control.ask, home.control, "status")
        mode = stat.S_IMODE(home.control.stat().st_mode)

    assert {"asked": "status"} == answer
    assert 0o600 == mode


async def test_where_nobody_runs_there_is_no_answer(home: Home) -> None:
    assert control.ask(home.control, "status") is None

    async with control.serving(home.control, _answer):
        pass

    assert control.ask(home.control, "status") is None


async def test_a_socket_left_by_a_killed_supervisor_is_replaced(home: Home) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(home.control))

    async with control.serving(home.control, _answer):
        answer = await asyncio.to_thread(control.ask, home.control, "status")

    assert {"asked": "status"} == answer


async def test_nonsense_on_the_socket_harms_nobody(home: Home) -> None:
    async with control.serving(home.control, _answer):
        _, writer = await asyncio.open_unix_connection(home.control)
        writer.write(b"\xff nonsense\n")
        await writer.drain()
        writer.close()

        answer = await asyncio.to_thread(control.ask, home.control, "status")

    assert {"asked": "status"} == answer
