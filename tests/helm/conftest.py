"""The chart, rendered with the values of each scenario in `ci/`, and with changes to them."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import helm_python
import pytest
import yaml

from dev.documents import CHART, ROOT

FOLDER = ROOT / CHART
SCENARIOS = sorted(file.stem for file in (FOLDER / "ci").glob("*.yaml"))
Object = dict[str, Any]


class Objects(list[Object]):
    """Rendered objects, found by kind and name."""

    def of(self, kind: str) -> dict[str, Object]:
        """Those of a kind, by what follows the release's name in theirs."""
        return {each["metadata"]["name"].removeprefix("blog-inkstream-"): each for each in self if each["kind"] == kind}

    def container(self, component: str) -> Object:
        """The container of a component's Deployment."""
        container: Object = self.of("Deployment")[component]["spec"]["template"]["spec"]["containers"][0]
        return container

    def told(self, component: str) -> dict[str, Any]:
        """The variables of a component: the value, or where it comes from as `Secret/key`."""
        return {entry["name"]: _source(entry) for entry in self.container(component)["env"]}


Render = Callable[..., Objects]


def values_of(scenario: str, changes: Mapping[str, Any] | None = None) -> Object:
    values: Object = yaml.safe_load((FOLDER / "ci" / f"{scenario}.yaml").read_text())
    return merged(values, changes or {})


def merged(values: Object, changes: Mapping[str, Any]) -> Object:
    """Put changes into values, as Helm does with a second file."""
    result = deepcopy(values)
    for key, value in changes.items():
        result[key] = merged(result.get(key, {}), value) if isinstance(value, dict) else value
    return result


def read(manifests: Mapping[str, str]) -> Objects:
    texts = [text for path, text in manifests.items() if path.endswith(".yaml")]
    # The reader that is written in C: the other takes longer than all else here.
    return Objects(each for text in texts for each in yaml.load_all(text, yaml.CSafeLoader) if each)


@pytest.fixture(scope="session")
def chart() -> helm_python.Chart:
    return helm_python.Chart.load(FOLDER)


@pytest.fixture(scope="session")
def render(chart: helm_python.Chart) -> Render:
    @cache
    def rendered(scenario: str, changes: str) -> Objects:
        values = values_of(scenario, json.loads(changes))
        chart.validate_schema(values)
        return read(chart.render(values, name="blog", namespace="inkstream"))

    def render(scenario: str, changes: Mapping[str, Any] | None = None) -> Objects:
        """Give what a scenario comes to; once made it is given again, so that nobody may change it."""
        return rendered(scenario, json.dumps(changes or {}))

    return render


@pytest.fixture(scope="session")
def folder(render: Render, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every scenario's objects as a file; each object once, in the first that has it."""
    folder = tmp_path_factory.mktemp("rendered")
    written: set[str] = set()
    for scenario in SCENARIOS:
        objects = [each for each in render(scenario) if repr(each) not in written]
        written |= {repr(each) for each in objects}
        (folder / f"{scenario}.yaml").write_text(yaml.dump_all(objects, Dumper=yaml.CSafeDumper))
    return folder


def _source(entry: Object) -> Any:
    if "valueFrom" not in entry:
        return entry["value"]
    source = entry["valueFrom"]
    return (
        f"{source['secretKeyRef']['name']}/{source['secretKeyRef']['key']}" if "secretKeyRef" in source else source["fieldRef"]["fieldPath"]
    )
