"""A test kit for who writes deciders and views; `eventlog.memory` has the log that goes with it."""

from eventlog.testing.deciders import Deciding, Given, Outcome
from eventlog.testing.facts import Facts, JsonFacts, put
from eventlog.testing.views import CaughtUp, Documents, folded, when_caught_up

__all__ = ["CaughtUp", "Deciding", "Documents", "Facts", "Given", "JsonFacts", "Outcome", "folded", "put", "when_caught_up"]
