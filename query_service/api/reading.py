"""What readers are shown: documents of several views, joined as they are read."""

import asyncio
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote
from uuid import UUID

from eventlog.projection import Doc
from events.refusals import NotFound
from query_service.api.threads import Place, in_thread_order
from query_service.bodies import (
    Article,
    Comment,
    CommentCounts,
    Counts,
    Edited,
    Entry,
    Heading,
    Latest,
    Person,
    Posts,
    Profile,
    Published,
    Said,
)
from query_service.store import Selection, Store, id_of
from servicekit.problems import malformed
from servicekit.replies import Page, Paging

ERASED: Final = "Deleted account"
NOT_KNOWN_YET: Final = "Somebody"


class Reading:
    """Reads for whoever comes. Raises NotFound, Rejected for a cursor that is none, and pymongo's errors."""

    def __init__(self, store: Store, public_url: str) -> None:
        self._store = store
        self._public_url = public_url

    async def posts(self, asked: Posts) -> Page[Entry]:
        """A page of the latest posts."""
        author_id: UUID | None = None
        if asked.author is not None:
            person = await self._store.person_called(asked.author.lower())
            if person is None:
                return Page[Entry](items=(), next=None)
            author_id = id_of(person["_id"])
        return await self._posts(author_id, asked)

    async def profile(self, handle: str) -> Profile:
        """A person."""
        return await self._profile(await self._named(handle))

    async def profile_page(self, handle: str, asked: Posts) -> tuple[Profile, Page[Entry]]:
        """A person, and a page of their posts."""
        person = await self._named(handle)
        profile, posts = await asyncio.gather(self._profile(person), self._posts(id_of(person["_id"]), asked))
        return profile, posts

    async def article(self, handle: str, slug: str) -> Article:
        """A post with its first comments."""
        person = await self._named(handle)
        post = await self._store.post_at(id_of(person["_id"]), slug)
        if post is None:
            raise NotFound("there is no post at this address")
        comments, threads = await asyncio.gather(self._comments(id_of(post["_id"]), Paging()), self._store.threads([post["_id"]]))
        entry = _entry(post, person, threads, self._public_url)
        return Article(
            **dict(entry),
            body=post["body"],
            html=post["html"],
            toc=tuple(Heading(**heading) for heading in post["toc"]),
            comments=comments,
        )

    async def comments(self, post_id: UUID, asked: Paging) -> Page[Comment]:
        """A page of a post's comments, in thread order."""
        published, comments = await asyncio.gather(self._store.is_published(post_id), self._comments(post_id, asked))
        if not published:
            raise NotFound("there is no such post")
        return comments

    async def _named(self, handle: str) -> Doc:
        person = await self._store.person_called(handle.lower())
        if person is None:
            raise NotFound("nobody has this handle")
        return person

    async def _profile(self, person: Doc) -> Profile:
        posts = await self._store.posts_of(id_of(person["_id"]))
        shown = _person(id_of(person["_id"]), person)
        return Profile(**dict(shown), bio=person["bio"], created_at=person["created_at"], counts=Published(posts=posts))

    async def _posts(self, author_id: UUID | None, asked: Posts) -> Page[Entry]:
        after = Latest.of(asked.cursor)
        selection = Selection(author_id=author_id, tag=asked.tag, after=(after.moment, after.id) if after is not None else None)
        found = await self._store.posts(selection, asked.limit + 1)
        shown, last = found[: asked.limit], found[asked.limit - 1 : asked.limit] if len(found) > asked.limit else []
        people, threads = await asyncio.gather(
            self._store.people(post["author_id"] for post in shown), self._store.threads([post["_id"] for post in shown])
        )
        by_author = ((post, people.get(f"user:{post['author_id']}")) for post in shown)
        # A post whose author is not known yet, or erased, has no address that a list could lead to.
        addressed = [(post, author) for post, author in by_author if author and author["handle"] and post["slug"]]
        return Page[Entry](
            items=tuple(_entry(post, author, threads, self._public_url) for post, author in addressed),
            next=Latest.at(last[0]["published_at"], id_of(last[0]["_id"])).cursor() if last else None,
        )

    async def _comments(self, post_id: UUID, asked: Paging) -> Page[Comment]:
        places = in_thread_order(await self._store.remarks(post_id))
        begin = _after(places, Said.of(asked.cursor))
        shown = places[begin : begin + asked.limit]
        ids = [place.id for place in shown]
        found, answers = await asyncio.gather(self._store.comments(ids), self._store.threads(ids))
        people = await self._store.people(comment["author_id"] for comment in found.values())
        return Page[Comment](
            items=tuple(_comment(found[place.id], place, people, answers.get(place.id, 0)) for place in shown if place.id in found),
            next=Said(id=id_of(ids[-1])).cursor() if begin + asked.limit < len(places) else None,
        )


def _after(places: list[Place], said: Said | None) -> int:
    if said is None:
        return 0
    for number, place in enumerate(places, 1):
        if place.id == f"comment:{said.id}":
            return number
    raise malformed("the cursor is not one that this list gave")


def _entry(post: Doc, author: Doc, threads: Mapping[str, int], public_url: str) -> Entry:
    person = _person(post["author_id"], author)
    return Entry(
        id=id_of(post["_id"]),
        author=person,
        title=post["title"],
        slug=post["slug"],
        tags=tuple(post["tags"]),
        excerpt=post["excerpt"],
        summary=post["summary"],
        cover=post["cover"],
        canonical=post["canonical"],
        language=post["language"],
        version=post["version"],
        created_at=post["created_at"],
        published_at=post["published_at"],
        revised_at=post["revised_at"],
        url=f"{public_url}/@{person.handle}/{quote(post['slug'], safe='')}",
        reading_minutes=post["reading_minutes"],
        words=post["words"],
        counts=Counts(comments=threads.get(post["_id"], 0)),
        edited=Edited(at=post["edited_at"], changes=post["changes"]) if post["edited_at"] is not None else None,
    )


def _comment(comment: Doc, place: Place, people: Mapping[str, Doc], replies: int) -> Comment:
    return Comment(
        id=id_of(comment["_id"]),
        post_id=comment["post_id"],
        post_version=comment["post_version"],
        parent_id=comment["parent_id"],
        author=_person(comment["author_id"], people.get(f"user:{comment['author_id']}")),
        body=comment["body"],
        html=comment["html"],
        state=comment["state"],
        version=comment["version"],
        created_at=comment["created_at"],
        revised_at=comment["revised_at"],
        counts=CommentCounts(replies=replies),
        depth=place.depth,
        path=place.path,
    )


def _person(user_id: UUID, doc: Doc | None) -> Person:
    if doc is None:
        return Person(id=user_id, handle="", name=NOT_KNOWN_YET)
    return Person(id=user_id, handle=doc["handle"], name=doc["name"] or doc["handle"] or ERASED)
