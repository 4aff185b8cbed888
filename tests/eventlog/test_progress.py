import asyncio
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlog.log import places_of
from eventlog.progress import Progress, Token
from eventlog.record import Partition

HERE, THERE, ELSEWHERE = Partition("posts", 3), Partition("comments", 7), Partition("accounts", 0)
TOKENS = st.dictionaries(
    st.sampled_from(places_of(["accounts", "sessions", "posts", "comments"])), st.integers(0, 10**18 - 1), max_size=60
).map(Token)


@given(TOKENS)
def test_a_token_comes_back_from_its_text(token: Token) -> None:
    assert token == Token.parse(str(token))
    assert hash(token) == hash(Token.parse(str(token)))


@given(TOKENS, TOKENS, TOKENS)
def test_merging_takes_the_later_of_each(one: Token, two: Token, three: Token) -> None:
    assert one.merge(two) == two.merge(one)
    assert one.merge(two).merge(three) == one.merge(two.merge(three))
    assert one == one.merge(one) == one.merge(Token())
    assert all(max(one.get(place, 0), two.get(place, 0)) == offset for place, offset in one.merge(two).items())


def test_a_token_is_written_in_one_way() -> None:
    assert "comments/7:55,posts/3:1842" == str(Token({HERE: 1842, THERE: 55}))
    assert "" == str(Token())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        (" , ", {}),
        (" posts/3:1 , comments/7:2", {HERE: 1, THERE: 2}),
        ("posts/3:1,posts/3:5,posts/3:2", {HERE: 5}),
        ("nobody-knows/0:1", {Partition("nobody-knows", 0): 1}),
    ],
)
def test_a_token_is_read_leniently(text: str, expected: dict[Partition, int]) -> None:
    assert expected == Token.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "posts", "posts/3", "posts:3", "posts/3:", "posts/3:-1", "posts/3:1.0", "posts/x:1", "/3:1", "posts/-3:1", "posts/3:٣", "posts/²:1",
        "posts/3:" + "9" * 19, "posts/9999999:1", "a" * 9000, ",".join(f"t{n}/0:1" for n in range(257)),
    ],
)  # fmt: skip
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Token.parse(text)


@given(st.text())
def test_a_token_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert Token.parse(text) == Token.parse(str(Token.parse(text)))


async def test_a_token_that_is_passed_waits_for_nothing() -> None:
    progress = Progress([HERE, THERE])
    progress.advance(HERE, 5)

    assert await progress.passed(Token({HERE: 5, ELSEWHERE: 9}), 0)
    assert not await progress.passed(Token({HERE: 6}), 0)


async def test_who_waits_is_woken_when_all_of_it_is_passed() -> None:
    progress = Progress([HERE, THERE])
    waiting = asyncio.ensure_future(progress.passed(Token({HERE: 5, THERE: 2}), 10))
    await asyncio.sleep(0)

    progress.advance(HERE, 7)
    await asyncio.sleep(0)
    assert not waiting.done()
    progress.advance(THERE, 2)

    assert await waiting
    assert Token({HERE: 7, THERE: 2}) == progress.token()


async def test_a_read_beyond_a_parked_record_is_behind_at_once() -> None:
    progress = Progress([HERE])
    waiting = asyncio.ensure_future(progress.passed(Token({HERE: 9}), 10))
    await asyncio.sleep(0)

    progress.advance(HERE, 6, parked=4)

    assert not await waiting
    assert not await progress.passed(Token({HERE: 5}), 10)
    assert await progress.passed(Token({HERE: 4}), 10)


async def test_who_needs_the_end_of_the_log_waits_past_parked_records() -> None:
    progress = Progress([HERE])
    waiting = [asyncio.ensure_future(each) for each in (progress.moved(HERE, 8, asyncio.Future()), progress.reached(Token({HERE: 9}), 10))]
    await asyncio.sleep(0)

    progress.advance(HERE, 6, parked=4)
    await asyncio.sleep(0)
    assert not any(each.done() for each in waiting)
    progress.advance(HERE, 9, parked=4)

    assert [None, True] == await asyncio.gather(*waiting)


async def test_older_news_changes_nothing() -> None:
    progress = Progress([HERE])
    progress.advance(HERE, 6, parked=4)

    progress.advance(HERE, 5)

    assert Token({HERE: 6}) == progress.token()
    assert {HERE: 4} == progress.parked


async def test_a_cure_frees_what_was_parked() -> None:
    progress = Progress([HERE])
    progress.advance(HERE, 6, parked=4)

    progress.advance(HERE, 6)

    assert await progress.passed(Token({HERE: 6}), 0)


async def test_who_stops_waiting_leaves_nothing_behind() -> None:
    progress = Progress([HERE])

    assert not await progress.passed(Token({HERE: 1}), 0.001)

    assert {HERE: {}} == progress._waiting
