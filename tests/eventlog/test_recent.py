from dataclasses import dataclass

from eventlog.recent import Recent


@dataclass(frozen=True)
class Text:
    body: str = ""


def test_a_state_is_remembered_in_its_version() -> None:
    recent = Recent()

    recent.keep("post:1", 3, Text("three"))

    assert (3, Text("three")) == recent.get("post:1", 3)
    assert recent.get("post:1", 4) is None
    assert recent.get("post:1", None) is None
    assert recent.get("post:2", 3) is None


def test_what_nobody_asked_for_longest_is_forgotten_first() -> None:
    recent = Recent(weight=3 * 1500)
    for name in "abc":
        recent.keep(name, 1, Text("x" * 500))
    recent.get("a", 1)

    recent.keep("d", 1, Text("x" * 500))

    assert [True, False, True, True] == [recent.get(name, 1) is not None for name in "abcd"]


def test_a_newer_state_takes_the_place_of_the_older() -> None:
    recent = Recent(weight=3000)

    for version in range(1, 10):
        recent.keep("a", version, Text("x" * 500))
        recent.keep("b", version, Text())

    assert (9, Text("x" * 500)) == recent.get("a", 9)
    assert (9, Text()) == recent.get("b", 9)


def test_what_is_too_heavy_is_not_remembered() -> None:
    recent = Recent(weight=2000)

    kept = recent.keep("a", 1, Text("x" * 5000))

    assert (1, Text("x" * 5000)) == kept
    assert recent.get("a", 1) is None
