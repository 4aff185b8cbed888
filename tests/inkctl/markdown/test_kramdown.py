"""Attribute lists, which Markdown does not have."""

from inkctl.markdown.kramdown import without_attribute_lists


def test_attribute_lists_go_and_the_first_is_named() -> None:
    body = '# One\n{: #one .big}\n\nA [link](/a){:target="_blank"} and `code`{:.ruby} *here*{: .x}.\n{: .note}\n\n> quoted\n{:.quote}\n'

    text, notes = without_attribute_lists(body.replace(":target", ": .b target"), 5)

    assert "# One\n\n\nA [link](/a) and `code` *here*.\n\n\n> quoted\n\n" == text
    assert ["line 6: kramdown's attributes are left out: {: #one .big} (on 4 lines)"] == notes


def test_the_place_of_a_table_of_contents_goes_with_its_list() -> None:
    text, notes = without_attribute_lists("Before\n\n* TOC\n{:toc}\n\nAfter\n", 1)

    assert "Before\n\n\n\n\nAfter\n" == text
    assert ["line 4: kramdown's attributes are left out: {:toc}"] == notes


def test_code_stays_as_it_is() -> None:
    body = "Ruby has `{:.a}` and\n\n```ruby\n{: .note}\nx = {:a => 1}\n```\n\n    {:toc}\n\nhash = {:a => 1}\n"

    assert (body, []) == without_attribute_lists(body, 1)
