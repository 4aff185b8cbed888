"""The toy's views before and after a cure: jars that may be poisoned, until they are not."""

from dataclasses import dataclass, replace

from eventlog.projection import Projection
from tests.kit import toy
from tests.kit.toy import Jar, MarbleAdded


@dataclass
class Digestion:
    """Whether views digest poison by now."""

    cured: bool = False

    def evolve(self, jar: Jar, event: MarbleAdded) -> Jar:
        """What a jar becomes."""
        return toy.evolve_jar(jar, replace(event, poison=event.poison and not self.cured))

    def projection(self) -> Projection:
        """The toy's views, with jars that may be poisoned."""
        jars = replace(toy.JARS, evolve=self.evolve).decision_view()
        return replace(toy.PROJECTION, views=(jars, *toy.PROJECTION.views[1:]))
