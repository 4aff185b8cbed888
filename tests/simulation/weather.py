"""What goes wrong, and how often: drawn anew for each schedule, and calm again when the world heals."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from aiokafka.errors import KafkaConnectionError, KafkaError, NodeNotReadyError, RequestTimedOutError
from pymongo.errors import (
    AutoReconnect,
    ExecutionTimeout,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)

from eventlog.log import OutcomeUnknown

T = TypeVar("T")
Landing = Callable[[], object]  # what happens, at last
STALL = 3.0  # seconds
DAYS = 1e6  # seconds: longer than any schedule lasts


@dataclass
class Weather:
    """Shares of what may happen at an await, and how long what takes time takes (the mean, in seconds)."""

    slow: float = 0.05
    delay: float = 0.001
    stalling: float = 0.0  # of what is slow, so much takes as long as anybody's patience lasts
    failing: float = 0.0  # a question to MongoDB or Kafka, before or after it was answered
    losing: float = 0.0  # a batch is refused, or its commit is not acknowledged
    unsure: float = 0.0  # an append is not acknowledged
    zombies: float = 0.0  # a record lands once more, or at last, when nobody thinks of it
    mad: float = 0.0  # a lease is held that is another's


def drawn(chance: Random) -> Weather:
    """Some weather: from clear skies with much traffic to storms."""
    kind = chance.random()
    if kind < 0.2:
        return Weather(slow=chance.choice([0.2, 0.5]), delay=chance.choice([0.001, 0.02, 0.3]))
    return Weather(
        slow=chance.choice([0.1, 0.4, 0.8]),
        delay=chance.choice([0.002, 0.02, 0.3]),
        stalling=0.02,
        failing=chance.choice([0.0, 0.01, 0.05]),
        losing=chance.choice([0.0, 0.05, 0.3]),
        unsure=chance.choice([0.0, 0.1, 0.5]),
        zombies=chance.choice([0.0, 0.1, 0.3]),
        mad=chance.choice([0.0, 0.0, 0.3]),
    )


class Trouble:
    """Where chance decides what happens to one question."""

    def __init__(self, chance: Random, weather: Weather) -> None:
        self.chance = chance
        self.weather = weather
        self._under_way: dict[asyncio.Future[None], None] = {}

    def happens(self, share: float) -> bool:
        """Whether something happens that does so in a share of all cases."""
        return share > 0 and self.chance.random() < share

    async def wait(self) -> None:
        """Take some time, or none."""
        if self.happens(self.weather.slow):
            mean = STALL if self.happens(self.weather.stalling) else self.weather.delay
            await self.pause(self.chance.expovariate(1 / mean))

    async def pause(self, seconds: float) -> None:
        """Take so much time, or less if the weather clears up meanwhile."""
        loop = asyncio.get_running_loop()
        over = loop.create_future()
        timer = loop.call_later(seconds, wake, over)
        self._under_way[over] = None
        try:
            await over
        finally:
            timer.cancel()
            del self._under_way[over]

    def clear_up(self) -> None:
        """What is under way arrives now."""
        for over in self._under_way:
            wake(over)

    async def ask(self, question: Callable[[], Awaitable[T]], failure: Callable[[Random], Exception]) -> T:
        """Ask something: it takes time before and after it is answered, and may fail before or after."""
        await self.wait()
        if self.happens(self.weather.failing):
            raise failure(self.chance)
        answer = await question()
        await self.wait()
        if self.happens(self.weather.failing):
            raise failure(self.chance)
        return answer


def wake(waiter: "asyncio.Future[None]") -> None:
    """Let whoever waits go on."""
    if not waiter.done():
        waiter.set_result(None)


def mongo_fails(chance: Random) -> PyMongoError:
    """Why MongoDB does not answer."""
    return chance.choice(
        [
            AutoReconnect("connection closed"),
            NetworkTimeout("timed out"),
            NotPrimaryError("not primary"),
            ServerSelectionTimeoutError("no primary"),
            ExecutionTimeout("operation exceeded time limit", 50),
            OperationFailure("interrupted at shutdown", 11600),
        ]
    )


def transaction_aborts(chance: Random) -> PyMongoError:
    """Why a transaction is not committed."""
    transient = {"errorLabels": ["TransientTransactionError"]}
    return chance.choice(
        [
            OperationFailure("WriteConflict", 112, {"code": 112, **transient}),
            OperationFailure("NoSuchTransaction", 251, {"code": 251, **transient}),
            AutoReconnect("connection closed", transient),
        ]
    )


def kafka_fails(chance: Random) -> KafkaError:
    """Why Kafka is not read."""
    return chance.choice([KafkaConnectionError("connection closed"), NodeNotReadyError("not ready"), RequestTimedOutError("timed out")])


def offsets_fail(_: Random) -> OutcomeUnknown:
    """Why the log does not tell where it ends."""
    return OutcomeUnknown("the log does not tell its offsets")
