"""What auth_service says of itself."""

from openapi_spec_validator import validate

from auth_service.api import routes
from servicekit.openapi import document


def test_every_route_is_described() -> None:
    described = document("Inkstream auth", routes)

    validate(described)
    assert {
        "/api/auth/register",
        "/api/auth/login",
        "/api/auth/refresh",
        "/api/auth/logout",
        "/api/auth/me",
        "/.well-known/jwks.json",
        "/api/auth/commands/{address}",
    } == described["paths"].keys()
