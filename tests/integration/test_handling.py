"""Commands on the real parts: what is promised to those who send them."""

import asyncio

import pytest

from eventlog.deciding import Call
from eventlog.progress import Token
from eventlog.record import Partition
from events.refusals import Conflict, Invalid, NotFound, Refused, Stale
from tests.kit import toy
from tests.kit.engine import Replica, until
from tests.kit.toy import AddMarble, call, decide

pytestmark = pytest.mark.integration


async def insist(which: Replica, command: AddMarble) -> None:
    """Send a command until others were not first five times."""
    while True:
        try:
            await which.handler.handle(f"jar:{command.jar}", command, decide, call())
        except Conflict as refused:
            if refused.code != "command-exhausted":
                raise
        else:
            return


async def test_a_command_takes_effect(one: Replica) -> None:
    outcome = await one.handler.handle("jar:a", AddMarble("a"), decide, call())

    assert (toy.Jar(1), 1) == (outcome.state, outcome.version)
    assert await one.projector.progress.passed(outcome.token, 2.0)
    assert {"_id": "a", "times": 1, "marbles": 1, "label": "1 marbles"} == await one.ledger.database.totals_v1.find_one({"_id": "a"})


async def test_commands_follow_one_another(one: Replica) -> None:
    for expected in range(1, 4):
        outcome = await one.handler.handle("jar:a", AddMarble("a"), decide, call())
        assert (toy.Jar(expected), expected) == (outcome.state, outcome.version)


async def test_parallel_commands_on_one_stream_all_take_effect_and_none_is_given_up(one: Replica, other: Replica) -> None:
    async def write(which: Replica) -> None:
        for _ in range(3):
            await which.handler.handle("jar:a", AddMarble("a"), decide, call())

    await asyncio.gather(*(write(which) for which in (one, other) for _ in range(32)))

    assert (await one.states("jar:a"))["jar:a"]["marbles"] == 3 * 64
    assert one.handler.voided + other.handler.voided < 3 * 64


async def test_what_another_replica_made_of_a_stream_is_known_without_the_views(one: Replica, other: Replica) -> None:
    for which in (one, other, one):
        await which.handler.handle("jar:a", AddMarble("a"), decide, call())
    place = call().place

    await until(lambda: other.projector.reader.tips[place].version("jar:a") == 3)

    assert (3, toy.Jar(3)) == other.handler.recent.get("jar:a", 3)


async def test_one_of_many_gets_a_name(one: Replica, other: Replica) -> None:
    async def claim(which: Replica, jar: str) -> bool:
        try:
            await which.handler.handle(f"jar:{jar}", AddMarble(jar, name="blue"), decide, call())
        except NotFound:
            return False
        return True

    won = await asyncio.gather(*(claim(which, f"{n}{id(which)}") for which in (one, other) for n in range(25)))

    assert sum(won) == 1


async def test_a_named_command_is_applied_once(one: Replica, other: Replica) -> None:
    named = call(name="mine", request="r")

    tries = (which.handler.handle("jar:a", AddMarble("a"), decide, named) for which in (one, other) for _ in range(10))
    outcomes = await asyncio.gather(*tries)

    assert {1} == {outcome.version for outcome in outcomes}
    assert (await one.states("jar:a"))["jar:a"]["marbles"] == 1


async def test_a_name_is_not_used_for_another_request(one: Replica) -> None:
    named = call(name="mine", request="r")
    await one.handler.handle("jar:a", AddMarble("a"), decide, named)

    with pytest.raises(Invalid, match="same Idempotency-Key"):
        await one.handler.handle("jar:a", AddMarble("a"), decide, call(name="mine", request="other", command_id=named.command_id))


async def test_of_parallel_changes_to_one_version_one_is_made(one: Replica, other: Replica) -> None:
    await one.handler.handle("jar:a", AddMarble("a"), decide, call())

    async def change(which: Replica) -> int:
        try:
            return (await which.handler.handle("jar:a", AddMarble("a"), decide, call(if_match=1))).version
        except Stale as stale:
            return -stale.current_version

    assert [-2] * 19 + [2] == sorted(await asyncio.gather(*(change(which) for which in (one, other) for _ in range(10))))


async def test_a_refusal_changes_nothing(one: Replica) -> None:
    await one.handler.handle("jar:a", AddMarble("a"), decide, call())

    with pytest.raises(Refused, match="full"):
        await one.handler.handle("jar:a", AddMarble("a", room=1), decide, call(name="mine"))

    assert {Partition("posts", p): n for p, n in ends(one, await one.log.ends(one.projector.places)).items() if n} == {call().place: 1}


def ends(_: Replica, found: object) -> dict[int, int]:
    return {place.number: end for place, end in found.items()}  # type: ignore[attr-defined]  # a mapping of partitions


async def test_what_is_so_already_appends_nothing(one: Replica) -> None:
    outcome = await one.handler.handle("jar:a", AddMarble("a", room=0), decide, call(name="mine"))

    assert (toy.Jar(0), 0) == (outcome.state, outcome.version)
    assert await one.log.ends([call().place]) == {call().place: 0}


async def test_a_decision_that_relies_on_a_stream_is_made_again_when_it_moved(one: Replica, other: Replica) -> None:
    await asyncio.gather(
        *(insist(one, AddMarble("a", relies_on="b")) for _ in range(5)),
        *(insist(other, AddMarble("b")) for _ in range(5)),
    )

    states = await one.states("jar:a", "jar:b")
    assert {"jar:a": 5, "jar:b": 5} == {stream: doc["version"] for stream, doc in states.items()}


async def test_a_given_up_command_never_takes_effect(one: Replica, other: Replica) -> None:
    named: Call = call(name="mine")
    assert await one.handler.outcome(named.address) == "open"

    assert await one.handler.close(named.address, by="somebody", now=toy.NOW)

    assert await other.handler.outcome(named.address) == "closed"
    with pytest.raises(Conflict, match="given up"):
        await other.handler.handle("jar:a", AddMarble("a"), decide, named)


async def test_an_applied_command_can_not_be_given_up(one: Replica, other: Replica) -> None:
    named: Call = call(name="mine")
    await one.handler.handle("jar:a", AddMarble("a"), decide, named)

    assert not await other.handler.close(named.address, by="somebody", now=toy.NOW)
    assert await other.handler.outcome(named.address) == "accepted"


async def test_a_read_with_a_token_waits_for_the_write(one: Replica, other: Replica) -> None:
    outcome = await one.handler.handle("jar:a", AddMarble("a"), decide, call())

    assert await other.projector.progress.passed(Token.parse(str(outcome.token)), 2.0)
    assert await other.ledger.database.totals_v1.find_one({"_id": "a"}) is not None
