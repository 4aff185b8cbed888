"""Values that make sense are taken, and those that do not are refused before anything is installed."""

from typing import Any

import helm_python
import pytest
import yaml

from tests.helm.conftest import FOLDER, SCENARIOS, values_of


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_scenario_has_no_fault_that_helm_finds(scenario: str) -> None:
    report = helm_python.lint(str(FOLDER), values_of(scenario), strict=True)

    assert ([], []) == (report["errors"], [told for told in report["messages"] if told["severity"] > 1])


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"publicUrl": ""}, "publicUrl"),
        ({"publicUrl": "blog.example"}, "publicUrl"),
        ({"publicUrl": "https://blog.example/blog"}, "publicUrl"),
        ({"publicURL": "https://blog.example"}, "publicURL"),
        ({"image": {"repository": ""}}, "repository"),
        ({"image": {"digests": {"services": "latest"}}}, "digests"),
        ({"image": {"digests": {"query": "sha256:" + "0" * 64}}}, "query"),
        ({"expose": "nginx"}, "expose"),
        ({"gateway": {"create": False}}, "parentRefs"),
        ({"kafka": {"mode": "bitnami"}}, "mode"),
        ({"kafka": {"external": {"bootstrap": ""}}}, "bootstrap"),
        ({"kafka": {"external": {"sasl": {"mechanism": "GSSAPI"}}}}, "mechanism"),
        ({"kafka": {"external": {"grants": {"posts": "posts"}}}}, "grants"),
        ({"kafka": {"external": {"grants": {"web": "User:web"}}}}, "web"),
        ({"kafka": {"compression": "snappy"}}, "compression"),
        ({"mongodb": {"mode": "standalone"}}, "mode"),
        ({"mongodb": {"dev": {"storage": "8 gigabytes"}}}, "storage"),
        ({"secrets": {"existing": {"shared": ""}}}, "shared"),
        ({"secrets": {"mode": "external"}}, "name"),
        ({"secrets": {"mode": "vault"}}, "mode"),
        ({"defaults": {"replicas": -1}}, "replicas"),
        ({"defaults": {"autoscaling": {"mode": "yes"}}}, "mode"),
        ({"defaults": {"autoscaling": {"cpu": 0}}}, "cpu"),
        ({"defaults": {"resource": {}}}, "resource"),
        ({"services": {"search": {}}}, "search"),
        ({"services": {"posts": {"env": [{"name": "lower"}]}}}, "name"),
        ({"trustedProxies": ["everybody"]}, "trustedProxies"),
        ({"trustedHops": 0}, "trustedHops"),
        ({"networkPolicy": {"allowAll": True}}, "allowAll"),
        ({"monitoring": {"rules": {"runbooks": "docs/runbooks"}}}, "runbooks"),
    ],
    ids=str,
)
def test_values_that_make_no_sense_are_refused_by_name(chart: helm_python.Chart, changes: dict[str, Any], named: str) -> None:
    with pytest.raises(helm_python.HelmValuesError, match=named):
        chart.validate_schema(values_of("minimal", changes))


@pytest.mark.parametrize(
    ("scenario", "changes", "named"),
    [
        ("minimal", {"defaults": {"mongodb": {"existingSecret": ""}}}, "services.auth.mongodb.existingSecret is missing"),
        ("minimal", {"kafka": {"external": {"sasl": {"mechanism": "PLAIN"}}}}, "topics needs a user of Kafka"),
        ("ingress", {"topics": {"kafka": {"existingSecret": ""}}}, "topics needs a password of Kafka"),
        ("operators", {"services": {"query": {"mongodb": {"passwordSecret": ""}}}}, "services.query.mongodb.passwordSecret is missing"),
        ("ingress", {"check": {"existingSecret": ""}}, "check.existingSecret is missing"),
        ("operators", {"monitoring": {"rules": {"runbooks": ""}}}, "monitoring.rules.runbooks is missing"),
    ],
    ids=str,
)
def test_what_belongs_together_and_is_missing_is_named(
    chart: helm_python.Chart, scenario: str, changes: dict[str, Any], named: str
) -> None:
    with pytest.raises(helm_python.HelmRenderError, match=named):
        chart.render(values_of(scenario, changes), name="blog", namespace="inkstream")


def test_every_value_that_the_chart_has_is_known_to_its_schema(chart: helm_python.Chart) -> None:
    values = yaml.safe_load((FOLDER / "values.yaml").read_text())

    with pytest.raises(helm_python.HelmValuesError) as refused:
        chart.validate_schema(values)

    assert "dditional" not in str(refused.value)  # only what the operator has to say is missing
