"""What the chart renders is what Kubernetes takes, from the oldest version that it supports to the newest."""

from collections.abc import Iterator
from functools import cache

import kubernetes_validate
import kubernetes_validate.utils
import pytest

from tests.helm.conftest import SCENARIOS, Render

VERSIONS = [f"1.{minor}" for minor in range(30, 38)]
CUSTOM = {
    "gateway.networking.k8s.io/v1",
    "networking.gke.io/v1",
    "keda.sh/v1alpha1",
    "external-secrets.io/v1",
    "kafka.strimzi.io/v1",
    "mongodbcommunity.mongodb.com/v1",
    "monitoring.coreos.com/v1",
}


@pytest.fixture(scope="module", autouse=True)
def schemas_read_once() -> Iterator[None]:
    """The library reads a version's schemas anew for every object."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kubernetes_validate.utils, "schema_contents", cache(kubernetes_validate.utils.schema_contents))
        yield


@pytest.mark.parametrize("version", VERSIONS)
def test_objects_are_valid(render: Render, version: str) -> None:
    objects = {repr(each): each for scenario in SCENARIOS for each in render(scenario) if each["apiVersion"] not in CUSTOM}

    for each in objects.values():
        kubernetes_validate.validate(each, version, strict=True)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_no_two_objects_have_one_name(render: Render, scenario: str) -> None:
    names = [(each["kind"], each["metadata"]["namespace"], each["metadata"]["name"]) for each in render(scenario)]

    assert len(names) == len(set(names))
    assert {"inkstream"} == {namespace for _, namespace, _ in names}


def test_custom_resources_are_made_only_where_values_ask_for_them(render: Render) -> None:
    custom = {scenario: {each["kind"] for each in render(scenario) if each["apiVersion"] in CUSTOM} for scenario in SCENARIOS}

    assert {
        "dev": set(),
        "gke": {"Gateway", "HTTPRoute", "GCPBackendPolicy", "GCPGatewayPolicy", "HealthCheckPolicy", "ExternalSecret"},
        "ingress": set(),
        "minimal": {"Gateway", "HTTPRoute"},
        "operators": {
            "HTTPRoute",
            "Kafka",
            "KafkaNodePool",
            "KafkaUser",
            "MongoDBCommunity",
            "PodMonitor",
            "PrometheusRule",
            "ScaledObject",
        },
        "tokens": set(),
    } == custom
