"""Today's program makes of the recorded log what every program before it made: the same verdicts, and the same views in each version."""

import json
from collections import Counter
from pathlib import Path

import pytest

from dev.life import CHAPTERS
from dev.recordings import comes_to, differences, merged, recorded
from eventlog.referee import Verdict
from eventlog.testing import CaughtUp, when_caught_up
from eventlog.topics import TOPICS
from events.base import types
from tests.kit.history import contents
from tests.kit.recorded import HASHES, READERS, chapters, load

FILES = chapters()


@pytest.fixture(scope="module")
async def caught_up() -> dict[str, CaughtUp]:
    log = load(FILES)
    found = {}
    for name, reader in READERS.items():
        async with reader.facts(log) as facts:
            found[name] = await when_caught_up(log, reader.projection, facts)
    return found


@pytest.mark.parametrize("number", range(len(FILES)), ids=[file.stem for file in FILES])
async def test_the_recorded_log_comes_to_what_it_came_to_when_it_was_recorded(number: int) -> None:
    name = FILES[number].stem
    then = {name: recorded()[name]}

    now = {name: await comes_to(FILES[: number + 1])}

    assert [] == differences(then, now)
    assert then == merged(then, now), "run `make recordings`: a version of views, or a topic, has no hashes yet"


def test_every_chapter_is_recorded() -> None:
    assert list(CHAPTERS) == [file.stem for file in FILES], "run `make recordings`"


def test_every_type_of_event_is_recorded() -> None:
    records = [record for records in load(FILES).records.values() for record in records]

    missing = types().keys() - {record.text("ce_type") for record in records}

    assert set() == missing, "write a chapter in dev/life.py that has it, and run `make recordings`"


async def test_every_verdict_is_recorded_in_every_topic_that_holds_facts(caught_up: dict[str, CaughtUp]) -> None:
    found = Counter((place.topic, verdict) for each in caught_up.values() for (place, _), verdict in each.verdicts.items())

    used = {record.topic for records in load(FILES).records.values() for record in records if not TOPICS[record.topic].compacted}
    assert {(topic, verdict) for topic in used for verdict in Verdict} == found.keys()


async def test_closed_commands_and_erased_keys_are_recorded(caught_up: dict[str, CaughtUp]) -> None:
    closed = [attempt for attempt in caught_up["posts"].attempts.values() if attempt["closed"] and attempt["accepted"]]
    looms = [post for post in caught_up["posts"]["posts"].values() if (post["title"], post["body"]) == ("", "")]
    cy = [user for user in caught_up["comments"]["users"].values() if user["handle"] == ""]

    assert (1, 1, 1) == (len(closed), len(looms), len(cy))


async def test_no_record_waits(caught_up: dict[str, CaughtUp]) -> None:
    assert [] == [parked for each in caught_up.values() for parked in each.parked]


def test_the_recorded_log_is_small() -> None:
    assert sum(file.stat().st_size for file in FILES) < 100_000


def test_nothing_that_a_commit_has_seen_recorded_is_gone_or_another() -> None:
    hashes = {commit: json.loads(text) for commit, text in contents(HASHES)}

    now = recorded()

    # Here no version of views is passed over: what an old version came to stays written down.
    assert {} == {commit: then for commit, then in hashes.items() if merged(then, now) != now}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda hashes: hashes.update(records="other"), ["1: records was records, it is other"]),
        (lambda hashes: hashes["verdicts"]["posts"].update(voids="other"), ["1: posts: voids was voids, it is other"]),
        (lambda hashes: hashes["verdicts"].clear(), ["1: posts: voids was voids, it is not there"]),
        (lambda hashes: hashes["verdicts"].update(follows={"voids": "voids"}), []),
        (lambda hashes: hashes["views"]["a_v1"].update(users="other"), ["1: a_v1: users was users, it is other"]),
        (lambda hashes: hashes["views"]["a_v1"].update(tags="tags"), ["1: a_v1: tags was not there, it is tags"]),
        (lambda hashes: hashes["views"]["a_v1"].clear(), ["1: a_v1: users was users, it is not there"]),
        (lambda hashes: hashes["views"].update(a_v2=hashes["views"].pop("a_v1")), []),
    ],
)
def test_what_comes_out_otherwise_is_told_but_new_versions_of_views_are_not(change: object, expected: list[str]) -> None:
    def recording() -> dict[str, object]:
        return {"records": "records", "verdicts": {"posts": {"voids": "voids"}}, "views": {"a_v1": {"users": "users"}}}

    now = recording()
    change(now)  # type: ignore[operator]  # a function of what was recorded

    assert expected == differences({"1": recording()}, {"1": now})


def test_a_chapter_that_is_gone_is_told() -> None:
    then = {"1": {"records": "records", "verdicts": {}, "views": {}}}

    assert ["1: records was records, it is gone"] == differences(then, {})


async def test_another_record_is_another_hash(tmp_path: Path) -> None:
    [first, *_] = FILES
    lines = first.read_text().splitlines()
    last = max(number for number, line in enumerate(lines) if json.loads(line)[0] == "posts")
    shorter = tmp_path / first.name
    shorter.write_text("\n".join([*lines[:last], *lines[last + 1 :]]) + "\n")

    told = differences({first.stem: recorded()[first.stem]}, {first.stem: await comes_to([shorter])})

    assert [f"{first.stem}: posts: voids", f"{first.stem}: records"] == [each.partition(" was ")[0] for each in told]


def test_a_chapter_goes_on_where_the_one_before_ended() -> None:
    with pytest.raises(ValueError, match="does not go on"):
        load([FILES[0], FILES[0]])
