import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prose import slug


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Hello, World!", "hello-world"),
        ("  What's new — in 2.0?  ", "whats-new-in-2-0"),
        ("snake_case & kebab-case", "snake-case-kebab-case"),
        ("Привет, мир", "привет-мир"),
        ("日本語のタイトル", "日本語のタイトル"),
        ("हिन्दी में", "हिन्दी-में"),
        ("می‌خواهم", "میخواهم"),
        ("Ünïcode ﬁne Å", "ünïcode-fine-å"),
        ("１２３ ＡＢＣ", "123-abc"),  # noqa: RUF001 - full-width on purpose
        ("../../etc/passwd", "etc-passwd"),
        ("🎉🎉", "post"),
        ("", "post"),
        ("\ud800", "post"),
    ],
)
def test_a_title_becomes_words_joined_by_hyphens(title: str, name: str) -> None:
    assert name == slug(title)


def test_a_long_title_is_cut_between_words() -> None:
    assert "-".join(["words"] * 13) == slug("words " * 30)
    assert "w" * 80 == slug("w" * 100)


def test_what_has_no_letters_may_be_called_otherwise() -> None:
    assert "section" == slug("?!", fallback="section")


@given(st.text())
def test_a_slug_is_short_normal_and_its_own_slug(title: str) -> None:
    name = slug(title)

    assert 1 <= len(name) <= 80
    assert unicodedata.normalize("NFKC", name) == name
    assert name.lower() == name
    assert not name.startswith("-")
    assert not name.endswith("-")
    assert slug(name) == name
