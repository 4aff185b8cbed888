"""A release on a real cluster: installed, tried, changed while somebody writes, wrongly changed, and robbed of a pod.

These build on one another, in this order.
"""

from collections.abc import Callable
from typing import Any

import helm_python
import pytest

from tests.cluster.conftest import RELEASE, Cluster

Stop = Callable[[], dict[str, Any]]
SOON = 10.0  # seconds; a request that meets a replica which ends is asked again
COMPONENTS = ("auth", "posts", "comments", "query", "web")


def test_it_is_installed_where_the_restricted_standard_is_enforced(cluster: Cluster) -> None:
    cluster.install()

    assert dict.fromkeys(COMPONENTS, 2) == {component: len(cluster.pods(component)) for component in COMPONENTS}


def test_what_helm_tests_works(cluster: Cluster) -> None:
    told = cluster.config.test(RELEASE, timeout=180, logs=True)

    assert "It works" in told["logs"]


def test_an_upgrade_that_replaces_every_pod_fails_no_write(cluster: Cluster, writing: Stop) -> None:
    before = {name for component in COMPONENTS for name in cluster.pods(component)}

    cluster.upgrade({"defaults": {"podAnnotations": {"upgraded": "once"}}})

    assert before.isdisjoint(name for component in COMPONENTS for name in cluster.pods(component))
    told = writing()
    assert ([], []) == (told["failed"], told["missing"])
    assert told["longest"] < SOON


def test_an_upgrade_that_can_not_come_up_is_put_back_and_fails_no_write(cluster: Cluster, writing: Stop) -> None:
    before = {component: set(cluster.pods(component)) for component in COMPONENTS}

    with pytest.raises(helm_python.HelmError, match="has been rolled back"):
        cluster.upgrade({"image": {"tag": "none"}, "defaults": {"podAnnotations": {"upgraded": "wrongly"}}}, patience=30)

    assert "deployed" == cluster.config.status(RELEASE)["status"]
    assert before == {component: set(cluster.pods(component)) for component in COMPONENTS}
    told = writing()
    assert ([], []) == (told["failed"], told["missing"])


def test_a_pod_that_is_killed_is_replaced_and_fails_no_write(cluster: Cluster, writing: Stop) -> None:
    killed, _ = cluster.pods("posts")

    cluster.kubectl("delete", "pod", killed, "--grace-period=0", "--force")
    cluster.kubectl("rollout", "status", f"deployment/{RELEASE}-inkstream-posts", "--timeout=180s")

    told = writing()
    assert ([], []) == (told["failed"], told["missing"])
