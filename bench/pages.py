"""How many events a second query_service folds into its views, with every body to render, and with their HTML known.

    python -m bench.pages [--posts 2000]

Each post of two kilobytes is drafted and published, and gets two comments. The second figure is of a process that has rendered all of it
before, as one that folds a discarded batch again.
"""

import argparse
import asyncio
import os
import time
from datetime import UTC, datetime
from uuid import UUID, uuid4, uuid5

import uvloop
from pymongo import AsyncMongoClient

from bench.engines import engines
from bench.replay import OneKey
from eventlog.facts import Facts
from eventlog.log import KafkaLog, places_of
from eventlog.mongoledger import MongoLedger
from eventlog.projection import Doc
from eventlog.refolding import refold
from eventlog.testing import put
from eventlog.topics import ensure
from events.base import Personal
from events.comments import CommentPosted, CommentText
from events.posts import PostAddress, PostDrafted, PostPublished, PostText
from query_service.projection import PROJECTION

AUTHOR, KID = UUID(int=1), UUID(int=2)
BODY = (
    "## A heading\n\nA paragraph of the length that paragraphs have, with *emphasis* and a [link](https://example.org) in it. "
    "It goes on for a line or two.\n\n```python\ndef answer() -> int:\n    return 42\n```\n\n- one\n- two\n\n"
)


async def write(log: KafkaLog, facts: Facts, number: int, kid: UUID = KID) -> None:
    """Write a post and what is said about it, sealed with a key."""
    post, at, key = uuid5(AUTHOR, str(number)), datetime.now(UTC), str(AUTHOR)
    stream, slug = f"post:{post}", f"slug:{AUTHOR}/{number}"
    text = Personal(kid, PostText(title=f"Post {number}", body=f"{BODY * 8}{number}", tags=("engines",)))
    drafted = PostDrafted(post_id=post, author_id=AUTHOR, text=text, at=at)
    await put(log, facts, drafted, {stream: 0}, topic="posts", key=key)
    address = Personal(kid, PostAddress(slug=f"post-{number}"))
    published = PostPublished(post_id=post, author_id=AUTHOR, slug_hash=str(number), address=address, at=at)
    await put(log, facts, published, {stream: 1, slug: 0}, topic="posts", key=key)
    for count in range(2):
        comment = uuid4()
        said = CommentPosted(
            comment_id=comment,
            post_id=post,
            post_author_id=AUTHOR,
            post_version=2,
            author_id=AUTHOR,
            parent_id=None,
            text=Personal(kid, CommentText(body=f"Well said, *{number}* times {count}.")),
            at=at,
        )
        await put(log, facts, said, {f"comment:{comment}": 0}, topic="comments", key=str(post))


async def fold(log: KafkaLog, facts: Facts, mongo: str, database: str) -> float:
    """Fold all of the log into an empty database; events per second."""
    async with AsyncMongoClient[Doc](mongo) as client:
        ledger = MongoLedger(client[database], PROJECTION)
        ends = await log.ends(places_of(PROJECTION.topics))
        done, begun = 0, time.perf_counter()
        async for fed in refold(log, ledger, facts, ends):
            done = fed
        return done / (time.perf_counter() - begun)


async def run(kafka: str, mongo: str, posts: int) -> None:
    """Measure both."""
    await ensure(kafka)
    log, facts = KafkaLog(kafka), Facts(OneKey(os.urandom(32)))
    await log.start()
    try:
        for begin in range(0, posts, 500):
            await asyncio.gather(*(write(log, facts, number) for number in range(begin, min(begin + 500, posts))))
        cold = await fold(log, facts, mongo, "cold")
        known = await fold(log, facts, mongo, "known")
        print(f"{4 * posts:,} events   to be rendered {cold:8,.0f}/s")
        print(f"{'':14} HTML known     {known:8,.0f}/s   {known / cold:.1f} times as many")
    finally:
        await log.stop()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=2_000)
    options = parser.parse_args()
    with engines() as (kafka, mongo), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(kafka, mongo, options.posts))


if __name__ == "__main__":
    main()
