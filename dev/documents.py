"""Writes the documents that are made from the code, and the chart's.

Those are `docs/openapi/*.json`, `docs/settings.md`, `docs/events.md`, and of the chart its README.md, files/access.yaml and
files/dashboard.json.
A test fails where one is stale.

Run it by `make docs`.
"""

import asyncio
import base64
import importlib
import json
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from dev import chart_page, dashboard, events_page
from inkctl.access import access_of
from servicekit.settings import Settings
from servicekit.telemetry import METRICS

ROOT = Path(__file__).parents[1]
CHART = Path("helm/inkstream")
SERVICES = ("auth", "posts", "comments", "query")


def documents() -> dict[Path, str]:
    """Every document, by its path from the root."""
    found = {Path("docs/openapi") / f"{name}.json": _openapi(name) for name in SERVICES}
    found[CHART / "files/dashboard.json"] = dashboard.dashboard()
    found |= {CHART / "README.md": chart_page.page(ROOT / CHART), CHART / "files/access.yaml": _access()}
    return {**found, Path("docs/settings.md"): _settings(), Path("docs/events.md"): events_page.page()}


def main() -> None:
    """Write them."""
    for path, text in documents().items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text)


def shown_metrics() -> set[str]:
    """Name the families of metrics that any service shows."""
    return {family.name for name in SERVICES for family in _app(name)[METRICS].registry.collect()}


def _app(name: str) -> web.Application:
    module = f"{name}_service"
    app: web.Application = importlib.import_module(f"{module}.app").create_app(_told(_settings_class(module)))
    return app


def _openapi(name: str) -> str:
    app = _app(name)
    request = make_mocked_request("GET", f"/api/{name}/openapi.json", app=app)
    response = asyncio.run(_asked(app, request))
    return json.dumps(json.loads(response), indent=2, ensure_ascii=False) + "\n"


async def _asked(app: object, request: object) -> bytes:
    match = await app.router.resolve(request)  # type: ignore[attr-defined]  # an application and its request
    response = await match.handler(request)
    return bytes(response.body)


def _settings_class(module: str) -> type[Settings]:
    defined = vars(importlib.import_module(f"{module}.settings")).values()
    found = [each for each in defined if isinstance(each, type) and issubclass(each, Settings)]
    return max(found, key=lambda each: len(each.__mro__))


def _told(settings: type[Settings]) -> Settings:
    key = base64.urlsafe_b64encode(bytes(32)).decode()
    return settings.model_validate(
        {"kafka": "-", "mongo": "mongodb://-", "port": 0, "public_url": "http://-", "kek": key, "credentials_kek": key, "lookup_key": key}
    )


def _settings() -> str:
    lines = [
        "# Settings",
        "",
        "Made from the code by `make docs`. Every setting is an environment variable; an empty one counts as missing.",
        "Where `INKSTREAM_<NAME>` is missing, `INKSTREAM_<NAME>_FILE` may name a file that holds its value, as mounted secrets are.",
        "",
        "| variable | default | what it is |",
        "|---|---|---|",
    ]
    common = Settings.table()
    lines += [f"| `{name}` | {_default(default)} | {text} |" for name, default, text in common]
    for module in (f"{name}_service" for name in SERVICES):
        own = [row for row in _settings_class(module).table() if row[0] not in {name for name, _, _ in common}]
        lines += [f"| `{name}` ({module}) | {_default(default)} | {text} |" for name, default, text in own]
    return "\n".join(lines).replace(f"{ROOT}/", "") + "\n"


def _access() -> str:
    """What the user of each service may do on which topic of Kafka: the chart gives each user that."""
    lines = ["# Made from the code by `make docs`: what each service does on the log's topics."]
    for name in SERVICES:
        access = access_of(f"{name}_service")
        lines += [f"{name}:", *(f"  {topic}: [{', '.join(access.operations(topic))}]" for topic in access.reads)]
    return "\n".join(lines) + "\n"


def _default(text: str) -> str:
    return text if text in {"", "required"} else f"`{text}`"


if __name__ == "__main__":
    main()
