"""What is wanted of a topic on several brokers, which the tests on a real Kafka do not have."""

import pytest

from eventlog.faults import Found, faults_of
from eventlog.topics import TOPICS

POSTS = TOPICS["posts"]


@pytest.mark.parametrize(
    ("replicas", "least", "brokers", "expected"),
    [
        (3, "2", 3, []),
        (5, "3", 5, []),
        (2, "1", 2, []),
        (1, "1", 1, []),
        (3, "1", 3, [("min.insync.replicas", "1", "2")]),
        (3, "3", 3, [("min.insync.replicas", "3", "2")]),
        (5, "1", 5, [("min.insync.replicas", "1", "from 2 to 4")]),
        (1, "1", 3, [("the replication factor", "1", "at least 3 where there are so many brokers")]),
    ],
)
def test_what_three_brokers_promise_is_wanted_of_three_brokers(
    replicas: int, least: str, brokers: int, expected: list[tuple[str, str, str]]
) -> None:
    found = Found([replicas] * POSTS.partitions, brokers, POSTS.settings(replicas) | {"min.insync.replicas": least})

    assert expected == [(fault.setting, fault.found, fault.wanted) for fault in faults_of(POSTS, "inkstream.posts", found)]


def test_the_partition_with_the_fewest_replicas_counts() -> None:
    found = Found([3] * 11 + [2], 3, POSTS.settings(3))

    settings = {fault.setting: fault.found for fault in faults_of(POSTS, "inkstream.posts", found)}

    assert {"the replication factor": "2", "min.insync.replicas": "2"} == settings


def test_a_setting_that_is_not_told_is_a_fault() -> None:
    [fault, *_] = faults_of(POSTS, "inkstream.posts", Found([1] * 12, 1, {}))

    assert str(fault).startswith("inkstream.posts: cleanup.policy is not told, wanted is delete. ")
