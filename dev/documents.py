"""Writes the documents that are made from the code: `docs/openapi/*.json`, `docs/settings.md` and `docs/events.md`.

A test fails where one is stale.

Run it by `make docs`.
"""

import asyncio
import base64
import importlib
import json
from pathlib import Path

from aiohttp.test_utils import make_mocked_request

from dev import events_page
from servicekit.settings import Settings

ROOT = Path(__file__).parents[1]
SERVICES = ("auth", "posts", "comments", "query")


def documents() -> dict[Path, str]:
    """Every document, by its path from the root."""
    found = {Path("docs/openapi") / f"{name}.json": _openapi(name) for name in SERVICES}
    return {**found, Path("docs/settings.md"): _settings(), Path("docs/events.md"): events_page.page()}


def main() -> None:
    """Write them."""
    for path, text in documents().items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text)


def _openapi(name: str) -> str:
    module = f"{name}_service"
    app = importlib.import_module(f"{module}.app").create_app(_told(_settings_class(module)))
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


def _default(text: str) -> str:
    return text if text in {"", "required"} else f"`{text}`"


if __name__ == "__main__":
    main()
