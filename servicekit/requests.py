"""Reading requests strictly, and writing replies: the HTTP conventions of every service.

What can not be read is 400, what can be read and is wrong is 422 with a pointer to each fault; nothing that is sent may cause a 500.
"""

import json
import re
from typing import TypeVar
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from events.refusals import Invalid, NotFound
from servicekit.problems import Rejected, malformed
from servicekit.text import Text, fault_in, printable

MAX_BODY = 1 << 20
_FAULTS_TOLD = 20  # a body may hold a hundred thousand faults; nobody reads more than a few
_LONGEST_TAG = 18  # digits of a version

M = TypeVar("M", bound=BaseModel)

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ETAG = re.compile(r'"([\x21\x23-\x7e]*)"')
_IDEMPOTENCY_KEY = re.compile(r'("?)([\x21\x23-\x5b\x5d-\x7e]{1,255})\1')
_WORDS = {"missing": "is required", "extra_forbidden": "there is no such field"}


class Body(BaseModel):
    """What a client sends: no unknown fields, no conversions between types, JSON's own numbers only."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Representation(BaseModel):
    """What a client is shown; every field is always there."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


async def body(request: web.Request, model: type[M]) -> M:
    """Read the JSON body. No body at all is an empty object where the model asks for nothing.

    Raises Rejected (400, 413, 415) and Invalid (422).
    """
    if (request.content_length or 0) > MAX_BODY:
        raise web.HTTPRequestEntityTooLarge(MAX_BODY)
    if not request.body_exists and not any(field.is_required() for field in model.model_fields.values()):
        return model()
    if request.content_type != "application/json" or (request.charset or "utf-8").lower() not in {"utf-8", "utf8"}:
        raise Rejected(415, "unsupported-media-type", "the body must be application/json in UTF-8", {"Accept": "application/json"})
    data = await request.read()  # the application's client_max_size ends it at 1 MiB, whatever was announced
    _check_syntax(data)
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        raise _answer_to(error) from None


def query(request: web.Request, model: type[M]) -> M:
    """Read the query parameters that the model knows, and ignore the rest. Raises Rejected (400)."""
    given: dict[str, str] = {}
    for name in model.model_fields:
        values = request.query.getall(name, [])
        if len(values) > 1:
            raise malformed(f"the query parameter {name} is given {len(values)} times")
        for value in values:
            if (place := fault_in(value)) is not None:
                raise malformed(f"the query parameter {name} can not be read: {place}")
            given[name] = value
    try:
        return model.model_validate_strings(given)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        raise malformed(f"the query parameter {fault['loc'][0]} is wrong: {_detail(fault)}") from None


def path_id(request: web.Request, name: str) -> UUID:
    """Read an id of the path; what is none names nothing: NotFound."""
    text = request.match_info[name]
    if _UUID.fullmatch(text) is None:
        raise NotFound("there is nothing with this id")
    return UUID(text)


def path_text(request: web.Request, name: str, *, max_length: int = 200) -> str:
    """Read a handle, slug or tag of the path; what can be none names nothing: NotFound."""
    try:
        return Text(max=max_length, min=1, lines=False).read(request.match_info[name])
    except ValueError:
        raise NotFound("there is nothing with this name") from None


def header_text(request: web.Request, name: str, *, max_length: int = 200) -> str:
    """Read a header that is kept or shown as text (`User-Agent`): cut to length, what no text may hold replaced."""
    return printable(request.headers.get(name, "")[:max_length])


def if_match(request: web.Request) -> int | None:
    """Read the version that the change was made for; None where there is no condition, or `*`.

    A tag that is none of ours, or that a proxy has weakened, reads as -1, which no version equals.
    """
    values = request.headers.getall("If-Match", [])
    if not values or values == ["*"]:
        return None
    weak = values[0].strip().startswith("W/")
    tag = _ETAG.fullmatch(values[0].strip().removeprefix("W/"))
    if tag is None or len(values) > 1:
        raise malformed('If-Match must be one entity tag as the ETag header gave it, for example "3"')
    if weak:
        return -1
    return int(tag[1]) if tag[1].isascii() and tag[1].isdigit() and len(tag[1]) <= _LONGEST_TAG else -1


def required_if_match(request: web.Request) -> int | None:
    """Read the version, and refuse a request that names none: 428."""
    if "If-Match" not in request.headers:
        raise Rejected(428, "precondition-required", 'send If-Match with the ETag that you read, for example If-Match: "3"')
    return if_match(request)


def idempotency_key(request: web.Request) -> str | None:
    """Read `Idempotency-Key`, bare or quoted."""
    values = request.headers.getall("Idempotency-Key", [])
    if not values:
        return None
    key = _IDEMPOTENCY_KEY.fullmatch(values[0].strip())
    if key is None or len(values) > 1:
        raise malformed("Idempotency-Key must be one key of 1 to 255 visible ASCII characters without quotes, backslashes and blanks")
    return key[2]


def _check_syntax(data: bytes) -> None:
    """Refuse what is not JSON by the letter, and objects that repeat a name: which of the two values is meant nobody can know."""
    if not data:
        raise malformed("the body is empty")
    try:
        json.loads(data.decode(), object_pairs_hook=_unique, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise malformed(f"the body is not UTF-8: byte {error.start + 1} is wrong") from None
    except json.JSONDecodeError as error:
        raise malformed(f"the body is not JSON: line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise malformed("the body is nested too deeply") from None
    except ValueError as error:  # an integer of more than 4,300 digits too
        raise malformed(f"the body is not JSON that we take: {error}"[:200]) from None


def _unique(pairs: list[tuple[str, object]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("an object repeats a name")


def _no_number(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _answer_to(error: ValidationError) -> Exception:
    faults = error.errors(include_url=False, include_input=False, include_context=False)[:_FAULTS_TOLD]
    if faults[0]["type"] == "json_invalid":  # what the stricter second reader refuses: halves of surrogate pairs, deep nesting
        return malformed(f"the body is not JSON: {faults[0]['msg'].removeprefix('Invalid JSON: ')}")
    return Invalid("some values of the body are not allowed", errors=[(_pointer(fault), _detail(fault)) for fault in faults])


def _pointer(fault: ErrorDetails) -> str:
    """Write the place as a JSON pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in fault["loc"])[:200]


def _detail(fault: ErrorDetails) -> str:
    return _WORDS.get(fault["type"], fault["msg"][0].lower() + fault["msg"][1:])
