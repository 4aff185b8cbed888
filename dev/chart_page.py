"""The chart's README: what it installs, and a table of its values, read from the comments in values.yaml."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

_ENTRY = re.compile(r"(?P<indent> *)(?P<key>[A-Za-z_]+):(?P<rest>.*)")
TEXT = """\
# The chart inkstream

Made from `values.yaml` by `make docs`.

Installs the four services and the web edge into one namespace: `helm install blog helm/inkstream --values mine.yaml`. Each file
in `ci/` is a whole example:

| file | |
|---|---|
{examples}

## What it needs

- **Kafka** (`kafka.mode`): yours, made by Strimzi's operator (`kafka.strimzi.io/v1`), or one broker for trying out. A Job makes
  the topics, named by a hash of what it is: an upgrade that changes nothing about it runs none. Services wait for them.
  What a service's user must be allowed is in `files/access.yaml`; Strimzi's users get that, and `kafka.external.grants` has the
  Job give it. The Job's own user needs `Create`, `Describe`, `DescribeConfigs` on the topics, and `Alter` on the cluster where it
  grants.
- **MongoDB**, a replica set (`mongodb.mode`): yours, with a connection string for each service in a Secret, made by MongoDB's
  operator (`mongodbcommunity.mongodb.com/v1`), or one server for trying out. A service's user needs `readWrite` on
  `<prefix><service>` and `<prefix><service>_local`.
- **Secrets** (`secrets.mode`): Secrets of yours, External Secrets, or made by Helm, for trying out alone. Whoever loses them
  loses everything.
- **A way in** (`expose`): Gateway API, with GKE's policies where `gateway.gke.enabled` says so, or an Ingress.

Custom resources are made where values ask for them, whatever the cluster knows. Pods keep to the restricted pod security
standard; where network policies are on, nothing comes in or goes out but what is needed.
`helm test` signs up, publishes, and reads it: **register your own account first, since the first one is the administrator.**

## Values

| value | default | |
|---|---|---|
{values}
"""


def page(chart: Path) -> str:
    """Write the page of the chart in a folder."""
    values = (chart / "values.yaml").read_text()
    examples = [
        f"| `ci/{file.name}` | {file.read_text().splitlines()[0].removeprefix('# ')} |" for file in sorted((chart / "ci").glob("*.yaml"))
    ]
    rows = [f"| `{'.'.join(path)}` | {_shown(_at(yaml.safe_load(values), path))} | {meaning} |" for path, meaning in _documented(values)]
    return TEXT.format(examples="\n".join(examples), values="\n".join(rows))


def _documented(values: str) -> Iterator[tuple[list[str], str]]:
    """Every value that is a leaf of the file or has a comment of its own, with that comment."""
    path: list[str] = []
    meaning = ""
    for line in values.splitlines():
        if line.strip().startswith("# -- "):
            meaning = line.strip().removeprefix("# -- ")
            continue
        entry = _ENTRY.fullmatch(line)
        if entry is None:
            continue
        depth = len(entry["indent"]) // 2
        path = [*path[:depth], entry["key"]]
        if entry["rest"].strip() or meaning:
            yield path, meaning
        meaning = ""


def _at(values: Any, path: list[str]) -> Any:
    for key in path:
        values = values[key]
    return values


def _shown(value: Any) -> str:
    if isinstance(value, dict) and any(isinstance(each, dict) for each in value.values()):
        return ""
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000).removesuffix("...\n").strip()
    return f"`{text}`"
