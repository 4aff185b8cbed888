from comments_service.domain import Post
from comments_service.projection import COMMENTS, POSTS, PROJECTION
from eventlog.testing import folded
from tests.kit import specimens

BY_TYPE = {event.TYPE: event for event in specimens.EVENTS}
REGISTERED, DRAFTED = BY_TYPE["inkstream.user.registered.v1"], BY_TYPE["inkstream.post.drafted.v1"]
PUBLISHED, POSTED = BY_TYPE["inkstream.post.published.v1"], BY_TYPE["inkstream.comment.posted.v1"]
POST, SLUG = f"post:{specimens.POST}", f"slug:{specimens.ADA}/{'cc' * 32}"
COMMENT, USER = f"comment:{specimens.COMMENT}", f"user:{specimens.ADA}"


def test_a_comment_is_kept_with_its_version_and_the_key_that_sealed_it() -> None:
    [(doc_id, doc)] = folded(PROJECTION, (POSTED, {COMMENT: 0}))["comments"].items()

    assert (COMMENT, 1, specimens.ADAS_KEY, "Well said.") == (doc_id, doc["version"], doc["kid"], doc["body"])
    assert specimens.COMMENT == COMMENTS.load(doc).comment_id


def test_of_a_post_only_what_comments_need_is_kept() -> None:
    views = folded(PROJECTION, (DRAFTED, {POST: 0}), (PUBLISHED, {POST: 1, SLUG: 0}))

    kept = {POST: {"_id": POST, "author_id": specimens.ADA, "published": True, "version": 2}}
    assert {"comments": {}, "threads": {}, "posts": kept, "users": {}} == views
    assert Post(author_id=specimens.ADA, published=True) == POSTS.load(views["posts"][POST])


def test_a_commenter_is_known_by_handle_name_and_key() -> None:
    views = folded(PROJECTION, (REGISTERED, {USER: 0}))

    assert {str(specimens.ADA): {"_id": str(specimens.ADA), "kid": specimens.ADAS_KEY, "handle": "ada", "name": "Ada Lovelace"}} == views[
        "users"
    ]
