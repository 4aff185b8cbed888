"""People and posts of a test's own, written to the log."""

from uuid import UUID, uuid4

from tests.query_service import facts
from tests.query_service.facts import later
from tests.query_service.running import Site


async def author(site: Site, name: str = "Ada Lovelace", bio: str = "") -> tuple[UUID, str]:
    """Somebody of the test's own, with an account."""
    user_id = uuid4()
    handle = f"u{user_id.hex[:12]}"
    await site.write(facts.registered(user_id, handle, name, bio))
    return user_id, handle


async def post(site: Site, author_id: UUID, slug: str, minutes: int = 0, **more: object) -> UUID:
    """A published post."""
    post_id = uuid4()
    drafted = facts.drafted(post_id, author_id, at=later(minutes), **more)
    await site.write(drafted, facts.published(post_id, author_id, slug=slug, at=later(minutes)))
    return post_id
