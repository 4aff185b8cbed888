"""The page about events leaves none out, and says what the classes say."""

from dev.events_page import page
from eventlog.topics import TOPICS
from events.base import personal_types, types
from events.catalogue import FOLDER, load


def test_every_topic_event_group_and_schema_is_on_the_page() -> None:
    said = page()

    topics = [f"| `inkstream.{topic.name}`" for topic in TOPICS.values()]
    headings = [*(f"### `{name}`\n" for name in types()), *(f"### `{name}`, sealed\n" for name in personal_types())]
    schemas = [f"(`{fingerprint.hex()}`)" for fingerprint in load(FOLDER)]
    assert [] == [each for each in (*topics, *headings, *schemas) if said.count(each) != 1]


def test_a_field_is_said_with_its_type_its_default_and_what_stands_behind_it_in_the_code() -> None:
    assert "| `minor` | true or false | false | too small to tell readers that the post was edited |" in page()


def test_what_an_erased_field_reads_as_is_said() -> None:
    assert "| `tags` | list of text | empty list |  |" in page()
    assert "| sealed field | type | reads, once erased, as | what it is |" in page()
