"""Files of other blogs, and what becomes of each."""

from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkctl.markdown import Skipped, SourcePost, parse

CHANGED_AT = datetime(2020, 2, 2, 20, 20, tzinfo=UTC)


def read(text: str, path: str = "2019-03-18-a-spring-release.md") -> SourcePost:
    post = parse(PurePosixPath(path), text.encode(), changed_at=CHANGED_AT)
    assert isinstance(post, SourcePost), post
    return post


def skipped(content: bytes, path: str = "a.md") -> str:
    result = parse(PurePosixPath(path), content, changed_at=CHANGED_AT)
    assert isinstance(result, Skipped), result
    return result.reason


def with_field(line: str) -> SourcePost:
    return read(f"---\ntitle: A title\n{line}\n---\nBody\n")


def test_a_post_of_jekyll_comes_with_all_it_says() -> None:
    post = read(
        '---\nlayout: post\ntitle: "Spring: a *new* release"\ndate: 2019-03-18 09:30:00 -0700\nauthor: kim\nversion: 3.10\n'
        "categories: [Release, community news]\nslug: spring\n---\n\nHello.\n\n* a\n",
        "old/2019-03-18-a-spring-release.markdown",
    )

    assert (
        SourcePost(
            path=PurePosixPath("old/2019-03-18-a-spring-release.markdown"),
            source_id="old/2019-03-18-a-spring-release",
            title="Spring: a *new* release",
            body="Hello.\n\n* a",
            tags=("release", "community-news"),
            slug="spring",
            draft=False,
            created_at=datetime(2019, 3, 18, 16, 30, tzinfo=UTC),
            published_at=datetime(2019, 3, 18, 16, 30, tzinfo=UTC),
            warnings=(),
            unknown={"layout": "post", "author": "kim", "version": "3.10"},
        )
        == post
    )


def test_a_post_of_hugo_comes_too() -> None:
    post = read(
        '+++\ntitle = "A title"\ndate = 2019-03-18T09:30:00-07:00\ntags = ["one", "two"]\ndraft = true\nweight = 3\n+++\nBody\n',
        "a-title/index.md",
    )

    assert ("A title", "Body", ("one", "two"), "a-title", True) == (post.title, post.body, post.tags, post.slug, post.draft)
    assert datetime(2019, 3, 18, 16, 30, tzinfo=UTC) == post.created_at
    assert post.published_at is None
    assert {"weight": 3} == post.unknown


def test_a_file_without_front_matter_takes_all_from_its_name_and_first_heading() -> None:
    post = read("# A *fine* title\n\nBody\n\n# Another\n", "2019-3-8-what-it-is-called.md")

    assert ("A fine title", "Body\n\n# Another", "what-it-is-called") == (post.title, post.body, post.slug)
    assert datetime(2019, 3, 8, tzinfo=UTC) == post.published_at
    assert () == post.warnings


def test_a_heading_further_down_gives_the_title_and_stays() -> None:
    post = read("Before.\n\nA title\n=======\n\n```\n# code\n```\n")

    assert "A title" == post.title
    assert post.body.startswith("Before.\n\nA title\n=====")


def test_a_file_that_says_nothing_of_itself_has_its_name_and_its_own_date() -> None:
    post = read("Body\n", "notes/on_some-thing.mkd")

    assert ("On some thing", "on-some-thing", CHANGED_AT) == (post.title, post.slug, post.created_at)
    assert ("it has no title; its file's name gives 'On some thing'", "it has no date; the file's own is taken") == post.warnings


def test_two_rules_at_the_beginning_are_not_front_matter() -> None:
    assert "---\nonly text\n---\nand more" == read("---\nonly text\n---\nand more\n").body
    assert "---\n\nnever ends" == read("---\n\nnever ends\n").body


def test_empty_front_matter_is_front_matter() -> None:
    assert "Body" == read("---\n---\nBody\n", "README.md").body


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("date: 2014-05-06", "2014-05-06T00:00:00"),
        ('date: "2013-05-06 02:12:52 +0200"', "2013-05-06T00:12:52"),
        ("date: 2013-05-06 02:12:52", "2013-05-06T02:12:52"),
        ("date: 2013-05-06T02:12:52.5Z", "2013-05-06T02:12:52.500000"),
        ("date: 2013-05-06T02:12+05:30", "2013-05-05T20:42:00"),
        ("date: 2013/5/6", "2013-05-06T00:00:00"),
        ("date: 2013-05-06 02:12:52 utc", "2013-05-06T02:12:52"),
        ("other: 1", "2019-03-18T00:00:00"),
        ("date: ~", "2019-03-18T00:00:00"),
    ],
)
def test_a_date_is_read_as_people_write_it(line: str, expected: str) -> None:
    post = with_field(line)

    assert datetime.fromisoformat(expected).replace(tzinfo=UTC) == post.created_at
    assert () == post.warnings


@pytest.mark.parametrize(
    ("line", "expected", "warning"),
    [
        ("date: soon", "2019-03-18T00:00:00", "the date 'soon' is not understood"),
        ("date: 2023-02-30", "2019-03-18T00:00:00", "the date '2023-02-30' is on no calendar"),
        ("date: 0001-01-01 00:00 +0900", "2019-03-18T00:00:00", "the date '0001-01-01 00:00 +0900' is on no calendar"),
        (
            "date: 2023-01-29 18:30:22 2023 -0800",
            "2023-01-30T02:30:22",
            "the date '2023-01-29 18:30:22 2023 -0800' is read as 2023-01-30 02:30:22 UTC",
        ),
        ("date: 2023-01-29 18:30 PST", "2023-01-29T18:30:00", "the date '2023-01-29 18:30 PST' is read as 2023-01-29 18:30:00 UTC"),
    ],
)
def test_a_doubtful_date_is_named_and_the_next_best_taken(line: str, expected: str, warning: str) -> None:
    post = with_field(line)

    assert datetime.fromisoformat(expected).replace(tzinfo=UTC) == post.created_at
    assert (warning,) == post.warnings


@pytest.mark.parametrize(
    ("line", "tags"),
    [
        ("tags: [One, 'Two Words', \"#three\"]", ("one", "two-words", "three")),
        ("tags: one two", ("one", "two")),
        ("tags: one, two words", ("one", "two-words")),
        ("tag: two words", ("two-words",)),
        ("category: release", ("release",)),
        ("categories:\n  - team\n  - community", ("team", "community")),
        ("tags: [a, b]\ncategories: [b, c]\ncategory: d", ("a", "b", "c", "d")),
        ("tags:", ()),
        ("tags: []", ()),
        ("tags: [2019, 1.10, C++, Å]", ("2019", "1.10", "c++", "å")),
    ],
)
def test_tags_and_categories_become_tags(line: str, tags: tuple[str, ...]) -> None:
    post = with_field(line)

    assert tags == post.tags
    assert () == post.warnings


@pytest.mark.parametrize(
    ("line", "tags", "warning"),
    [
        ("tags: [a, b, c, d, e, f, g]", ("a", "b", "c", "d", "e"), "only 5 tags are taken; left out: f, g"),
        (f"tags: [a, {'b' * 31}]", ("a",), f"the tag '{'b' * 31}' is left out: it has 31 characters, of at most 30"),
        ("tags: {a: 1}", (), "tags is neither text nor a list"),
        ("tags: [a, [b]]", ("a",), "tags has an entry that is no text"),
        ("tags: ['#']", (), "the tag '#' is left out: it has 0 characters, of at most 30"),
    ],
)
def test_a_tag_that_can_not_be_one_is_named_and_left_out(line: str, tags: tuple[str, ...], warning: str) -> None:
    post = with_field(line)

    assert tags == post.tags
    assert (warning,) == post.warnings


@pytest.mark.parametrize(
    ("line", "draft"),
    [
        ("draft: true", True),
        ("draft: no", False),
        ("published: false", True),
        ("published: true", False),
        ("draft: false\npublished: false", True),
    ],
)
def test_a_draft_says_so(line: str, draft: bool) -> None:  # noqa: FBT001 - pytest passes it
    post = with_field(line)

    assert draft == post.draft
    assert draft == (post.published_at is None)
    assert () == post.warnings


def test_what_may_be_a_draft_is_one() -> None:
    doubtful = with_field("published: perhaps")

    assert doubtful.draft
    assert ("published is 'perhaps', neither true nor false", "it becomes a draft") == doubtful.warnings
    assert read("Body", "_drafts/idea.md").draft


def test_a_slug_that_can_not_be_one_is_made_one_and_named() -> None:
    post = with_field("slug: Über uns/2")

    assert "über-uns-2" == post.slug
    assert ("the slug 'Über uns/2' becomes 'über-uns-2'",) == post.warnings


def test_a_title_that_is_too_long_is_cut_and_named() -> None:
    post = read(f"---\ntitle: {'long ' * 60}\n---\nBody\n")

    assert len(post.title) <= 200
    assert post.title.endswith("long…")
    assert ("the title has 299 characters and is cut to 200",) == post.warnings


def test_a_title_stays_as_it_is_written() -> None:
    assert "1.10" == read("---\ntitle: 1.10\n---\n").title
    assert "No" == read("---\ntitle: No\n---\n").title
    assert "two lines" == read("---\ntitle: |\n  two\n  lines\n---\n").title


def test_text_is_brought_to_one_form_and_control_characters_go() -> None:
    post = read("---\ntitle: Cafe\u0301\u0007\n---\nOne\r\ntwo\x00 e\u0301\x1b\tthree\n")

    assert ("Café", "One\ntwo é\tthree") == (post.title, post.body)
    assert ("line 2: control characters are left out",) == post.warnings


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert "A title" == read("\ufeff---\ntitle: A title\n---\nBody\n").title


def test_a_file_that_can_not_be_a_post_is_skipped_with_the_reason() -> None:
    assert "it is not UTF-8: the byte 0xe9 at 3" == skipped(b"caf\xe9")
    assert "its front matter is not YAML: line 2: mapping values are not allowed here" == skipped(b"---\ntitle: one: two\n---\n")
    assert skipped(b"+++\ntitle = \n+++\n").startswith("its front matter is not TOML: Invalid value")
    assert skipped(b"---\na: " + b"[" * 5000 + b"\n---\n").startswith("its front matter is not YAML: ")
    assert "its front matter has 70,006 characters, of at most 65,536" == skipped(b"---\na: " + b"b" * 70_002 + b"\n---\n")
    assert "its body has 262,145 bytes, of at most 262,144" == skipped(b"a" * 262_145)
    assert "it tells of a project and has no front matter" == skipped(b"# Our blog\n", "README.md")


@given(
    st.binary(max_size=300)
    | st.lists(st.sampled_from(["---\n", "+++\n", "title: ", "date: 2", "a\n", "[", "{% raw %}", "{: .x}", "{{", "\0", "- "])).map(
        lambda parts: "".join(parts).encode()
    )
)
def test_no_file_is_too_odd_to_be_read(content: bytes) -> None:
    result = parse(PurePosixPath("a.md"), content, changed_at=CHANGED_AT)

    assert result == parse(PurePosixPath("a.md"), content, changed_at=CHANGED_AT)
