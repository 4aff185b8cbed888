"""The chart installed into a namespace of its own, which admits none but pods of the restricted standard."""

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import helm_python
import pytest

from tests.helm.conftest import FOLDER, merged, values_of

RELEASE = "blog"
PATIENCE = 300  # seconds that an install or an upgrade may take
WRITER = Path(__file__).with_name("writing.py")
# What one small node can have scheduled: and of what counts files it may know nothing.
STORE = {"requests": {"cpu": "20m", "memory": "128Mi"}, "limits": {"cpu": "2", "memory": "1Gi"}}
SMALL = {name: {**amounts, "ephemeral-storage": None} for name, amounts in STORE.items()}


@dataclass
class Cluster:
    """One release in one namespace."""

    namespace: str
    config: helm_python.Config
    chart: helm_python.Chart
    values: dict[str, Any]

    def install(self) -> None:
        self.config.install(self.chart, RELEASE, self.values, namespace=self.namespace, timeout=PATIENCE, wait="watcher")

    def upgrade(self, changes: dict[str, Any], *, patience: int = PATIENCE) -> None:
        """Raise HelmError after everything has been put back, where the change does not come up."""
        values = merged(self.values, changes)
        options = {"namespace": self.namespace, "timeout": patience, "wait": "watcher"}
        self.config.upgrade(self.chart, RELEASE, values, **options, rollback_on_failure=True)

    def kubectl(self, *words: str, told: str | None = None) -> str:
        done = subprocess.run(self.command(*words), input=told, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
        assert done.returncode == 0, done.stderr
        return done.stdout

    def command(self, *words: str) -> list[str]:
        return ["kubectl", "--namespace", self.namespace, *words]

    def pods(self, component: str) -> dict[str, Any]:
        """The pods of a component that are not about to end, by name."""
        found = json.loads(self.kubectl("get", "pods", "--output=json", f"--selector=app.kubernetes.io/component={component}"))
        return {each["metadata"]["name"]: each for each in found["items"] if "deletionTimestamp" not in each["metadata"]}


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    assert shutil.which("kubectl"), "kubectl is not on PATH; KUBECONFIG says which cluster it speaks to"
    told = {name: os.environ.get(name, default) for name, default in DEFAULTS.items()}
    namespace = f"inkstream-test-{secrets.token_hex(3)}"
    changes = {
        "image": {"repository": told["IMAGES"], "tag": told["TAG"]},
        "defaults": {"replicas": 2, "resources": SMALL},
        "services": {"web": {"resources": SMALL}},
        "topics": {"resources": SMALL},
        "kafka": {"dev": {"image": told["KAFKA_IMAGE"], "resources": STORE}},
        "mongodb": {"dev": {"image": told["MONGO_IMAGE"], "resources": STORE}},
    }
    config = helm_python.Config(namespace=namespace)
    made = Cluster(namespace, config, helm_python.Chart.load(FOLDER), values_of("dev", changes))
    made.kubectl("create", "namespace", namespace)
    made.kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
    yield made
    made.kubectl("delete", "namespace", namespace, "--wait=false")


@pytest.fixture
def writing(cluster: Cluster) -> Iterator[Callable[[], dict[str, Any]]]:
    """Somebody who writes all the time, from a pod; asked, he stops and tells what came of it."""
    cluster.kubectl("apply", "--filename=-", told=json.dumps(_writer(cluster)))
    cluster.kubectl("wait", "--for=condition=Ready", "pod/writer", f"--timeout={PATIENCE}s")
    url = f"http://{RELEASE}-inkstream-web:8000"
    python = [PYTHON, "-u", "-c", WRITER.read_text(), url]
    command = cluster.command("exec", "--stdin", "writer", "--", *python)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own words
        assert process.stdin is not None
        assert process.stdout is not None
        assert "writing" in process.stdout.readline()

        def result() -> dict[str, Any]:
            last: dict[str, Any] = json.loads(process.communicate()[0])
            print(last)  # noqa: T201 - the figures are what one runs this for
            return last

        yield result
        process.kill()
    cluster.kubectl("delete", "pod", "writer", "--grace-period=1")


PYTHON = "/opt/inkstream/venv/bin/python"
DEFAULTS = {"IMAGES": "inkstream", "TAG": "dev", "KAFKA_IMAGE": "apache/kafka:4.3.1", "MONGO_IMAGE": "mongo:8.0"}


def _writer(cluster: Cluster) -> dict[str, Any]:
    """A pod that may reach what `helm test` may reach."""
    image = f"{cluster.values['image']['repository']}/services:{cluster.values['image']['tag']}"
    selector = {"app.kubernetes.io/name": "inkstream", "app.kubernetes.io/instance": RELEASE, "app.kubernetes.io/component": "check"}
    security = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    container = {
        "name": "writer",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": [PYTHON, "-c", "import signal; signal.pause()"],
        "securityContext": security,
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "writer", "labels": selector},
        "spec": {
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 1,
            "securityContext": {"runAsNonRoot": True, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [container],
        },
    }
