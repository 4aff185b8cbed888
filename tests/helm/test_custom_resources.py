"""Custom resources have the fields that their definitions have, with values that these allow.

The definitions come as types, which know every field, and as checks of values: a resource has to please both.
Strimzi's and MongoDB's are in no package of a registry; their own resources are left to their operators.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from dev.documents import ROOT
from tests.helm.conftest import SCENARIOS, Object, Render

TOOLS = ROOT / ".tools"
NODE = Path(sys.executable).with_name("node")
PACKAGES = {
    "external-secrets.io": "external-secrets",
    "gateway.networking.k8s.io": "gateway-api",
    "keda.sh": "keda",
    "monitoring.coreos.com": "prometheus-operator",
    "networking.gke.io": "gke",
}
OPTIONS = ["--noEmit", "--strict", "--skipLibCheck", "--target", "esnext", "--module", "nodenext", "--moduleResolution", "nodenext"]


def package_of(resource: Object) -> str | None:
    group, slash, _ = resource["apiVersion"].partition("/")
    return PACKAGES.get(group) if slash else None


def faults(resources: Sequence[Object], folder: Path) -> str:
    """Make each resource what its definition says it is; what does not fit is told."""
    lines = []
    for number, each in enumerate(resources):
        module = f"@kubernetes-models/{package_of(each)}/{each['apiVersion']}"
        body = {name: value for name, value in each.items() if name not in {"apiVersion", "kind"}}
        lines += [
            f'import {{ {each["kind"]} as Kind{number} }} from "{module}";',
            f"new Kind{number}({json.dumps(body)}).validate();",
        ]
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "resources.ts").write_text("\n".join(lines))
    (folder / "node_modules").symlink_to(TOOLS / "node_modules")
    return _ran("node_modules/typescript/bin/tsc", *OPTIONS, "resources.ts", folder=folder) or _ran("resources.ts", folder=folder)


def test_what_the_scenarios_make_fits(render: Render, tmp_path: Path) -> None:
    resources = {repr(each): each for scenario in SCENARIOS for each in render(scenario) if package_of(each)}

    told = faults([*resources.values()], tmp_path)

    assert "" == told
    kinds = {each["kind"] for each in resources.values()}
    gke = {"GCPBackendPolicy", "GCPGatewayPolicy", "HealthCheckPolicy"}
    assert {*gke, "Gateway", "HTTPRoute", "ExternalSecret", "ScaledObject", "PodMonitor", "PrometheusRule"} == kinds


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"host": "blog.example"}, "'\"host\"' does not exist"),
        ({"hostnames": ["blog example"]}, "/spec/hostnames/0 must match pattern"),
    ],
    ids=["a field that there is not", "a value that may not be"],
)
def test_what_does_not_fit_is_found(render: Render, tmp_path: Path, change: Object, named: str) -> None:
    [route, *_] = render("minimal").of("HTTPRoute").values()

    told = faults([{**route, "spec": {**route["spec"], **change}}], tmp_path)

    assert named in told


def _ran(program: str, *words: str, folder: Path) -> str:
    command = [str(NODE), program, *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - a pinned program, our own words
    return "" if done.returncode == 0 else done.stdout + done.stderr or f"{program} ended with {done.returncode}"
