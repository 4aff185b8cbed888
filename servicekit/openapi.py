"""The OpenAPI 3.1 document of a service, made from the declarations of its routes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from servicekit.operations import OPERATION, Auth, Operation
from servicekit.problems import Handler

_TEMPLATE = "#/components/schemas/{model}"
_VARIABLE = re.compile(r"\{(\w+)(?::[^{}]*(?:\{[^{}]*\}[^{}]*)*)?\}")

_PROBLEM = {
    "type": "object",
    "description": "An RFC 9457 problem; `type` names its kind",
    "required": ["type", "title", "status", "detail", "instance", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference"},
        "request_id": {"type": "string"},
        "current_version": {"type": "integer", "description": "of 412: the version that there is"},
        "errors": {
            "type": "array",
            "description": "of 422: each fault, by JSON pointer",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string", "format": "json-pointer"}, "detail": {"type": "string"}},
            },
        },
    },
}
_HEADERS = {
    "ETag": {"description": "The version, quoted, for If-Match", "schema": {"type": "string"}},
    "Consistency-Token": {
        "description": "Send it with the next request, and that one sees this one's effect",
        "schema": {"type": "string"},
    },
}
_WITHOUT_CONTENT = {204: "Done", 304: "What If-None-Match names is what there is"}
_PARAMETERS = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Names this command: repeated with the same key it is applied once",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The version that is changed, as the ETag gave it",
        "schema": {"type": "string"},
    },
    "ConsistencyToken": {
        "name": "Consistency-Token",
        "in": "header",
        "description": "What this request must already see",
        "schema": {"type": "string", "maxLength": 4096},
    },
}


def document(title: str, routes: Iterable[web.RouteDef]) -> dict[str, Any]:
    """Make the document of every route that declares an operation."""
    declared = [(route, op) for route in routes if (op := operation_of(route.handler)) is not None]
    schemas, definitions = _schemas(op for _, op in declared)
    paths: dict[str, dict[str, Any]] = {}
    for route, op in declared:
        paths.setdefault(_VARIABLE.sub(r"{\1}", route.path), {})[route.method.lower()] = _describe(route, op, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1"},
        "paths": paths,
        "components": {
            "schemas": {"Problem": _PROBLEM, **definitions},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "parameters": _PARAMETERS,
            "headers": _HEADERS,
            "responses": {
                "Problem": {"description": "A problem", "content": {"application/problem+json": {"schema": _ref("schemas", "Problem")}}}
            },
        },
    }


def operation_of(handler: object) -> Operation | None:
    """Return what a handler declares."""
    declared = getattr(handler, OPERATION, None)
    return declared if isinstance(declared, Operation) else None


def serve(title: str, routes: Iterable[web.RouteDef]) -> Handler:
    """Make the handler that shows the document."""
    shown = orjson.dumps(document(title, routes))

    async def openapi(request: web.Request) -> web.Response:
        del request
        return web.Response(body=shown, content_type="application/json")

    return openapi


_Schemas = Mapping[Any, Mapping[str, Any]]  # by model and mode


def _schemas(operations: Iterable[Operation]) -> tuple[_Schemas, dict[str, Any]]:
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {}
    for op in operations:
        if op.body is not None:
            wanted[op.body, "validation"] = None
        wanted |= {(model, "serialization"): None for model in op.returns.values() if model is not None}
    schemas, definitions = models_json_schema(list(wanted), ref_template=_TEMPLATE)
    return schemas, definitions.get("$defs", {})


def _describe(route: web.RouteDef, op: Operation, schemas: _Schemas) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": op.summary,
        "parameters": [*_path_parameters(route.path), *_query_parameters(op), *_header_parameters(op)],
        "responses": {str(status): _response(op, status, model, schemas) for status, model in op.returns.items()}
        | {str(status): _ref("responses", "Problem") for status in _errors(route, op)},
    }
    if op.body is not None:
        optional = not any(field.is_required() for field in op.body.model_fields.values())
        described["requestBody"] = {"required": not optional, "content": _json(schemas[op.body, "validation"])}
    if op.auth is not Auth.NONE:
        described["security"] = [{"bearer": []}] if op.auth is Auth.REQUIRED else [{}, {"bearer": []}]
    return described


def _response(op: Operation, status: int, model: type[BaseModel] | None, schemas: _Schemas) -> dict[str, Any]:
    response: dict[str, Any] = {"description": (model.__doc__ or model.__name__).strip() if model else _WITHOUT_CONTENT[status]}
    names = ["Consistency-Token", *(["ETag"] if op.versioned else [])]
    response["headers"] = {name: _ref("headers", name) for name in names}
    if model is not None:
        response["content"] = _json(schemas[model, "serialization"])
    return response


def _errors(route: web.RouteDef, op: Operation) -> Sequence[int]:
    found = {400, 503, *op.errors}
    found |= {413, 415, 422} if op.body is not None else set()
    found |= {401} if op.auth is not Auth.NONE else set()
    found |= {404} if "{" in route.path else set()
    found |= {412, 428} if op.if_match else set()
    found |= {409, 412, 422} if op.idempotent else set()  # every command may have an If-Match
    return sorted(found)


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "format": "uuid"} if name == "id" or name.endswith("_id") else {"type": "string"},
        }
        for name in _VARIABLE.findall(path)
    ]


def _query_parameters(op: Operation) -> list[dict[str, Any]]:
    if op.query is None:
        return []
    schema = op.query.model_json_schema(ref_template=_TEMPLATE)
    required = schema.get("required", [])
    return [{"name": name, "in": "query", "required": name in required, "schema": part} for name, part in schema["properties"].items()]


def _header_parameters(op: Operation) -> list[dict[str, Any]]:
    names = ["ConsistencyToken", *(["IdempotencyKey"] if op.idempotent else []), *(["IfMatch"] if op.if_match else [])]
    return [_ref("parameters", name) for name in names]


def _json(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _ref(kind: str, name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/{kind}/{name}"}
