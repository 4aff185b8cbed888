from uuid import UUID

from eventlog.progress import Progress
from eventlog.record import Partition
from servicekit.remembering import Remembered

HERE = Partition("accounts", 0)
ADA, BOB = UUID(int=1), UUID(int=2)


class View:
    """A view that changes, and counts how often it is asked."""

    def __init__(self) -> None:
        self.names = {ADA: "Ada"}
        self.asked = 0
        self.progress = Progress([HERE])

    async def __call__(self, key: UUID) -> str | None:
        self.asked += 1
        return self.names.get(key)

    def become(self, name: str) -> None:
        self.names[ADA] = name
        self.progress.advance(HERE, self.progress[HERE] + 1)


async def test_what_does_not_change_is_asked_once() -> None:
    view = View()
    remembered = Remembered(lambda: view.progress, HERE, view)

    assert ["Ada"] * 3 == [await remembered(ADA) for _ in range(3)]
    assert 1 == view.asked


async def test_what_has_changed_is_asked_again() -> None:
    view = View()
    remembered = Remembered(lambda: view.progress, HERE, view)
    await remembered(ADA)

    view.become("Ada L.")

    assert "Ada L." == await remembered(ADA)


async def test_what_changes_while_it_is_asked_for_is_not_remembered() -> None:
    view = View()

    async def slow(key: UUID) -> str | None:
        found = await view(key)
        if view.asked == 1:
            view.become("Ada L.")
        return found

    remembered = Remembered(lambda: view.progress, HERE, slow)

    assert ["Ada", "Ada L."] == [await remembered(ADA) for _ in range(2)]


async def test_who_is_not_known_is_asked_for_again() -> None:
    view = View()
    remembered = Remembered(lambda: view.progress, HERE, view)
    assert await remembered(BOB) is None

    view.names[BOB] = "Bob"

    assert "Bob" == await remembered(BOB)


async def test_what_one_generation_of_the_views_says_is_not_told_of_another() -> None:
    before, after = View(), View()
    after.names[ADA] = "Ada L."
    served = before

    async def read(key: UUID) -> str | None:
        return await served(key)

    remembered = Remembered(lambda: served.progress, HERE, read)
    assert "Ada" == await remembered(ADA)

    served = after

    assert "Ada L." == await remembered(ADA)


async def test_what_one_generation_says_after_another_was_asked_is_not_remembered_of_that() -> None:
    before, after = View(), View()
    after.names[ADA] = "Ada L."
    served = before

    async def read(key: UUID) -> str | None:
        nonlocal served
        asked, served = served, after
        if asked is before:
            await remembered(BOB)  # somebody else, who begins with the other one
        return await asked(key)

    remembered = Remembered(lambda: served.progress, HERE, read)

    assert ["Ada", "Ada L."] == [await remembered(ADA) for _ in range(2)]
