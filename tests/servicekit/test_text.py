import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.text import Text, fault_in, printable


def test_text_is_kept_in_normal_form_c() -> None:
    assert "Café" == Text(max=4).read("Cafe\u0301")


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("a\x00b", "character 2 is U+0000, a control character"),
        ("abc\r\n", "character 4 is U+000D, a control character"),
        ("\x85", "character 1 is U+0085, a control character"),
        ("ab\ud800", "character 3 is U+D800, half of a surrogate pair"),
        ("a" + "\u0301" * 31, "more than 30 combining marks in a row begin at character 2"),
    ],
)
def test_what_no_text_may_hold_is_named_with_its_place(typed: str, fault: str) -> None:
    assert fault == fault_in(typed)

    with pytest.raises(ValueError, match=r"character") as raised:
        Text(max=100).read(typed)
    assert fault == str(raised.value)


def test_lines_are_text_but_not_where_one_line_is_asked_for() -> None:
    assert "a\n\tb" == Text(max=9).read("a\n\tb")
    assert fault_in("a\nb", lines=False) == "character 2 is U+000A, a control character"


def test_length_is_that_of_the_kept_text() -> None:
    assert "é" == Text(max=1, max_bytes=2).read("e\u0301")

    with pytest.raises(ValueError, match="has 2 characters, at most 1"):
        Text(max=1).read("ab")
    with pytest.raises(ValueError, match="has 0 characters, at least 1"):
        Text(max=5, min=1, strip=True).read("  ")
    with pytest.raises(ValueError, match="has 6 bytes of UTF-8, at most 5"):
        Text(max=5, max_bytes=5).read("ひと")


def test_marks_without_end_cost_no_time() -> None:
    marks = "a" + "\u0316\u0300" * 80_000

    began = time.perf_counter()
    fault = fault_in(marks)

    assert fault is not None
    assert time.perf_counter() - began < 1  # normalising them takes 40 seconds


@given(st.text(st.characters()))
def test_any_text_is_read_in_one_form_or_refused(typed: str) -> None:
    try:
        text = Text(max=10_000).read(typed)
    except ValueError:
        assert fault_in(typed)
        return

    assert unicodedata.is_normalized("NFC", text)
    assert text == Text(max=10_000).read(text)
    assert text == text.encode().decode()


@given(st.text(st.characters()))
def test_what_is_printable_can_be_kept(received: str) -> None:
    assert "" == "".join(character for character in printable(received) if fault_in(character, lines=False))
