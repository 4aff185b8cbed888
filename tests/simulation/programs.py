"""The programs that processes run: while one is rolled out, two of them run side by side."""

from dataclasses import dataclass, replace
from random import Random

from eventlog.projection import Aggregate, Projection
from tests.kit import toy


@dataclass(frozen=True)
class Program:
    """What one program makes of the log. `heals` says that it digests what others park."""

    name: str
    projection: Projection = toy.PROJECTION
    jars: Aggregate = toy.JARS
    heals: bool = False


@dataclass(frozen=True)
class Rollout:
    """Which programs run, and which of them run in the end."""

    begin: tuple[Program, ...]
    end: tuple[Program, ...]


def _digested(jar: toy.Jar, event: toy.MarbleAdded) -> toy.Jar:
    return toy.evolve_jar(jar, replace(event, poison=False))


_JARS = replace(toy.JARS, evolve=_digested)
THIS = Program("this")
OTHER = Program("other")  # the same, built anew: it tries again what THIS has parked
NEWER = Program("newer", replace(toy.PROJECTION, version=2))
HEALING = Program("healing", replace(toy.PROJECTION, views=(_JARS.decision_view(), *toy.PROJECTION.views[1:])), _JARS, heals=True)


def drawn(chance: Random) -> Rollout:
    """Mostly one program; or another version of the views beside it, or one that digests what it parks."""
    roll = chance.random()
    if roll < 0.6:
        return Rollout((THIS,), (THIS,))
    if roll < 0.7:
        return Rollout((THIS, OTHER), (THIS, OTHER))
    if roll < 0.85:
        return Rollout((THIS, NEWER), (THIS, NEWER))
    return Rollout((THIS, HEALING), (HEALING,))
