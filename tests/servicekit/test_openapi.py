from typing import Any

import pytest
from aiohttp import web
from openapi_spec_validator import validate

from servicekit.openapi import document
from tests.kit.serving import Served
from tests.servicekit.toy import routes


@pytest.fixture
def described() -> dict[str, Any]:
    return document("Toy", [route for route in routes if isinstance(route, web.RouteDef)])


def test_the_document_is_openapi(described: dict[str, Any]) -> None:
    validate(described)

    assert "3.1.0" == described["openapi"]


def test_every_declared_route_is_described_and_no_other(described: dict[str, Any]) -> None:
    assert {"/api/toy", "/api/toy/{note_id}", "/api/toy/by/{handle}/{slug}"} == set(described["paths"])
    assert {"get", "patch", "delete"} == set(described["paths"]["/api/toy/{note_id}"])


def test_a_route_is_described_as_it_is_declared(described: dict[str, Any]) -> None:
    patch = described["paths"]["/api/toy/{note_id}"]["patch"]

    assert "Change a note" == patch["summary"]
    assert "security" not in patch
    assert {"200", "400", "404", "409", "412", "413", "415", "422", "428", "503"} == set(patch["responses"])
    assert {"$ref": "#/components/parameters/IfMatch"} in patch["parameters"]
    assert {"ETag", "Consistency-Token"} == set(patch["responses"]["200"]["headers"])
    assert "#/components/schemas/NoteBody" == patch["requestBody"]["content"]["application/json"]["schema"]["$ref"]


def test_every_command_may_name_the_version_that_it_was_made_for(described: dict[str, Any]) -> None:
    post = described["paths"]["/api/toy"]["post"]

    assert {"201", "400", "409", "412", "413", "415", "422", "503"} == set(post["responses"])


def test_who_must_be_signed_in_is_said(described: dict[str, Any]) -> None:
    operations = described["paths"]["/api/toy/{note_id}"]

    assert [{"bearer": []}] == operations["delete"]["security"]
    assert [{}, {"bearer": []}] == operations["get"]["security"]
    assert "401" in operations["delete"]["responses"]


def test_query_parameters_and_bounds_come_from_the_models(described: dict[str, Any]) -> None:
    listed = {each["name"]: each for each in described["paths"]["/api/toy"]["get"]["parameters"] if "name" in each}

    assert {"limit", "cursor", "tag"} == set(listed)
    assert (1, 100, 20) == tuple(listed["limit"]["schema"][key] for key in ("minimum", "maximum", "default"))
    assert 20 == described["components"]["schemas"]["NoteBody"]["properties"]["title"]["maxLength"]


def test_a_body_that_asks_for_nothing_is_optional(described: dict[str, Any]) -> None:
    assert described["paths"]["/api/toy/{note_id}"]["delete"]["requestBody"]["required"] is False


async def test_the_document_is_served(served: Served, described: dict[str, Any]) -> None:
    async with served.client.get("/api/toy/openapi.json") as response:
        assert described["paths"] == (await response.json())["paths"]
