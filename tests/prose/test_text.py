import prose


def test_plain_text_has_a_line_for_each_part() -> None:
    body = "# A *title*\n\nOne\ntwo `three` [four](/x) ![five](/y).\n\n- six\n\n```\nseven\neight\n```\n\n|a|b|\n|-|-|\n|c|d|\n"

    text = prose.plain_text(body)

    assert "A title\nOne two three four five.\nsix\nseven\neight\na\nb\nc\nd" == text


def test_an_excerpt_is_the_beginning_of_the_paragraphs() -> None:
    assert "One two. Three." == prose.render("# Title\n\nOne *two*.[^1]\n\n```\ncode\n```\n\nThree.\n\n[^1]: note").excerpt


def test_a_long_excerpt_is_cut_between_words_and_says_so() -> None:
    excerpt = prose.render("word, " * 100).excerpt

    assert "word, " * 32 + "word…" == excerpt
    assert len(excerpt) <= 200


def test_a_body_without_paragraphs_has_an_excerpt_all_the_same() -> None:
    assert "Title one two" == prose.render("# Title\n\n- one\n- two\n").excerpt


def test_a_text_without_spaces_is_cut_too() -> None:
    assert 200 == len(prose.render("x" * 500).excerpt)


def test_words_are_what_stands_between_spaces_if_it_has_a_letter() -> None:
    assert 5 == prose.render("It's a — well-known — हिन्दी rule").words


def test_each_ideograph_is_a_word() -> None:
    assert 7 == prose.render("春の土 and 2 more 川").words


def test_reading_takes_a_minute_for_230_words_and_at_least_one() -> None:
    minutes = [prose.render("word " * count).reading_minutes for count in (1, 230, 460, 2300)]

    assert [1, 1, 2, 10] == minutes
