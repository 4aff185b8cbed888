from itertools import permutations

from events.base import Event
from events.posts import PostText
from prose import RENDERER_VERSION
from query_service.projection import PROJECTION
from tests.query_service.facts import (
    ADA,
    ANSWER,
    BO,
    FIRST,
    OTHER_POST,
    POST,
    SECOND,
    T0,
    commented,
    documents,
    drafted,
    imported,
    key_of,
    later,
    published,
    registered,
    revised,
)


def article(*events: Event) -> dict[str, object]:
    return documents(*events)["articles"][f"post:{POST}"]


def test_a_draft_is_kept_but_not_rendered() -> None:
    post = article(drafted())

    assert ("draft", "Engines", None, 1) == (post["stage"], post["title"], post["slug"], post["version"])
    assert "html" not in post


def test_publishing_gives_a_post_its_address_and_renders_it_once() -> None:
    post = article(drafted(), published(at=later(5)))

    assert ("published", "engines", T0, later(5), 2) == (
        post["stage"],
        post["slug"],
        post["created_at"],
        post["published_at"],
        post["version"],
    )
    assert '<h2 id="h-why">Why</h2>' in str(post["html"])
    assert [{"id": "h-why", "text": "Why", "level": 2}] == post["toc"]
    assert ("Because engines think.", 4, 1) == (post["summary"], post["words"], post["reading_minutes"])


def test_what_the_author_says_of_a_post_comes_before_how_it_begins() -> None:
    assert "In short." == article(drafted(excerpt="In short."), published())["summary"]


def test_a_revision_of_a_draft_is_no_edit_that_readers_are_told_of() -> None:
    post = article(drafted(), revised(at=later(1), title="Machines"), published(at=later(2)))

    assert ("Machines", later(1), None, 0) == (post["title"], post["revised_at"], post["edited_at"], post["changes"])


def test_readers_are_told_of_revisions_but_minor_ones() -> None:
    post = article(drafted(), published(), revised(at=later(1)), revised(at=later(2), body="Anew."), revised(at=later(3), minor=True))

    assert (later(3), later(2), 2, 5) == (post["revised_at"], post["edited_at"], post["changes"], post["version"])


def test_a_revised_post_shows_its_new_text() -> None:
    post = article(drafted(), published(), revised(body="Anew.", tags=("engines",)))

    assert ("<p>Anew.</p>\n", ["engines"]) == (post["html"], post["tags"])


def test_an_imported_post_keeps_its_own_dates() -> None:
    post = article(imported(slug="engines", created_at=later(-900), published_at=later(-800)))

    assert ("published", later(-900), later(-800)) == (post["stage"], post["created_at"], post["published_at"])
    assert "html" in post


def test_an_imported_draft_stays_one() -> None:
    post = article(imported(slug=None, shown=False, created_at=later(-900)))

    assert ("draft", None, None) == (post["stage"], post["slug"], post["published_at"])


def test_a_person_is_known_by_handle_name_and_bio() -> None:
    people = documents(registered(bio="Of engines."))["people"]

    expected = {"handle": "ada", "name": "Ada Lovelace", "bio": "Of engines.", "created_at": T0, "kid": key_of(ADA), "_id": f"user:{ADA}"}
    assert {f"user:{ADA}": expected} == people


def test_a_comment_is_rendered_as_what_anybody_may_write() -> None:
    comment = documents(commented(body="[here](https://example.org)"))["comments"][f"comment:{FIRST}"]

    assert 'rel="nofollow ugc noopener"' in comment["html"]
    assert (POST, BO, "visible", 1) == (comment["post_id"], comment["author_id"], comment["state"], comment["version"])


def test_threads_count_the_comments_of_a_post_and_the_answers_to_a_comment() -> None:
    threads = documents(commented(FIRST), commented(ANSWER, parent_id=FIRST), commented(SECOND), commented(OTHER_POST, post_id=OTHER_POST))[
        "threads"
    ]

    counts = {name: doc["comments"] for name, doc in threads.items()}
    assert {f"post:{POST}": 3, f"comment:{FIRST}": 1, f"post:{OTHER_POST}": 1} == counts


def test_no_document_depends_on_how_topics_interleave() -> None:
    accounts: list[Event] = [registered(), registered(BO, "bo", "Bo")]
    posts: list[Event] = [drafted(), published()]
    comments: list[Event] = [commented(FIRST), commented(ANSWER, parent_id=FIRST)]

    orders = [documents(*(event for topic in order for event in topic)) for order in permutations((accounts, posts, comments))]

    assert all(orders[0] == other for other in orders)


def test_what_an_erased_post_says_is_gone_from_every_field() -> None:
    erased = vars(PostText()) | {"tags": ()}
    post = article(drafted(**erased), published(slug=""))

    assert ("", "", "", "", [], "") == tuple(post[name] for name in ("title", "body", "html", "summary", "tags", "slug"))


def test_the_version_of_the_views_changes_with_the_renderer() -> None:
    assert RENDERER_VERSION == PROJECTION.version % 1000
