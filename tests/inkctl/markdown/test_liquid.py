"""Jekyll's template language."""

import pytest

import prose
from inkctl.markdown.liquid import translate


def markdown(text: str) -> str:
    return translate(text, 1)[0]


def notes(text: str, first_line: int = 1) -> list[str]:
    return translate(text, first_line)[1]


def test_a_highlighted_block_becomes_a_fenced_one() -> None:
    text = "Before\n\n{% highlight ruby %}\nputs 1\n{% endhighlight %}\n\nAfter\n"

    assert "Before\n\n```ruby\nputs 1\n```\n\nAfter\n" == markdown(text)
    assert [] == notes(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{% highlight %}\na\n{% endhighlight %}", "```\na\n```"),
        ("{%- highlight c++ -%}\na\n{%- endhighlight -%}", "```c++\na\n```"),
        ("{% highlight md %}\n```\na\n````\n{% endhighlight %}", "`````md\n```\na\n````\n`````"),
        ("{% highlight sh %}ls{% endhighlight %}", "```sh\nls\n```"),
        ("So: {% highlight sh %}\nls\n{% endhighlight %} and", "So: \n```sh\nls\n```\n and"),
        ("{% highlight sh %}{% endhighlight %}", "```sh\n```"),
        ("- {% highlight sh %}\n  ls\n  {% endhighlight %}", "- ```sh\n  ls\n  ```"),
        ("> {% highlight sh %}\n> ls\n> {% endhighlight %}", "> ```sh\n> ls\n> ```"),
        ("{% highlight liquid %}\n{% raw %}{{ a }}{% endraw %}\n{% endhighlight %}", "```liquid\n{{ a }}\n```"),
        ("{% highlight liquid %}\n{{ a }}\n{% endhighlight %}", "```liquid\n{{ a }}\n```"),
    ],
)
def test_a_fence_stands_where_it_works_and_is_long_enough(text: str, expected: str) -> None:
    assert expected == markdown(text)
    assert 1 == prose.render(expected).html.count("<pre")


def test_options_of_highlight_are_named() -> None:
    text = "{% highlight ruby linenos %}\na\n{% endhighlight %}"

    assert "```ruby\na\n```" == markdown(text)
    assert ["line 1: the option linenos of highlight is left out"] == notes(text)


def test_raw_text_stays_literally() -> None:
    text = "a `{% raw %}{{ b }}{% endraw %}` {% raw %}{% raw %}{% endraw %}\n{% raw %}\n{% for %}\n{% endraw %}"

    assert "a `{{ b }}` {% raw %}\n\n{% for %}\n" == markdown(text)
    assert [] == notes(text)


def test_a_comment_is_left_out_and_named() -> None:
    assert "a  b" == markdown("a {% comment %}secret{% endcomment %} b")
    assert ["line 7: a comment is left out"] == notes("a {% comment %}secret{% endcomment %} b", 7)


def test_everything_else_stays_and_is_named_once_for_each_kind() -> None:
    text = (
        "[a]({{ site.baseurl }}/x) [b]({{site.baseurl}}/y) {{ site.url }}\n{% if a == 1 %}\n{% else %}\n{% endif %}\n"
        "{% post_url\n  2013-05-06-one %} {% post_url 2013-05-07-two %}\n"
        "{% highlight ruby %}\n{{< figure src=1 >}} {{ '/a' | relative_url }}\n"
    )

    assert text == markdown(text)
    assert [
        "line 11: {{ site.baseurl }} is Liquid, and stays as it is (2 of this kind)",
        "line 11: {{ site.url }} is Liquid, and stays as it is",
        "line 12: {% if a == 1 %} is Liquid, and stays as it is",
        "line 15: {% post_url 2013-05-06-one %} is Liquid, and stays as it is (2 of this kind)",
        "line 17: {% highlight ruby %} is Liquid, and stays as it is",
        "line 18: {{< figure src=1 >}} is Liquid, and stays as it is",
        "line 18: {{ '/a' | relative_url }} is Liquid, and stays as it is",
    ] == notes(text, 11)


def test_a_long_tag_is_shown_by_its_beginning() -> None:
    assert ["line 1: {% assign " + "x" * 47 + "… is Liquid, and stays as it is"] == notes("{% assign " + "x" * 90 + " %}")
