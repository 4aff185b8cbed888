import io
import json
from typing import Any

import pytest

from tests.kit.serving import Served
from tests.servicekit.test_problems import problem
from tests.servicekit.toy import ID

JSON = {"Content-Type": "application/json"}


async def test_a_good_body_is_read(served: Served) -> None:
    sent = {"title": "Cafe\u0301", "text": "1\n\t2", "tags": ["a"], "weight": 2, "at": "2024-01-02T03:04:05Z", "about": str(ID)}

    async with served.client.post("/api/toy", json=sent) as response:
        shown = await response.json()

    assert (201, "Café", "1\n\t2", "2024-01-02T03:04:05Z") == (response.status, shown["title"], shown["text"], shown["at"])
    assert ('"1"', "no-store") == (response.headers["ETag"], response.headers["Cache-Control"])


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"{",
        b'{"title": "A"',
        b"{'title': 'A'}",
        b'{"title": "A"} x',
        b'{"title": "\xff"}',
        b'\xef\xbb\xbf{"title": "A"}',
        b'{"title": "A", "title": "B"}',
        b'{"title": "A", "weight": NaN}',
        b'{"title": "A", "weight": -Infinity}',
        b'{"title": "A", "weight": ' + b"9" * 5000 + b"}",
        b'{"title": "\\ud800"}',
        b'{"title": "A\x00"}',
        b"[" * 100_000,
        b'{"a":' * 300 + b"1" + b"}" * 300,
        b"\x00",
        '{"title": "A"}'.encode("utf-16"),
    ],
)
async def test_what_is_not_json_is_malformed(served: Served, sent: bytes) -> None:
    async with served.client.post("/api/toy", data=sent, headers=JSON) as response:
        await problem(response, 400, "malformed")


@pytest.mark.parametrize(
    ("sent", "pointers"),
    [
        ([], [""]),
        ("title", [""]),
        ({}, ["/title"]),
        ({"title": 1}, ["/title"]),
        ({"title": ""}, ["/title"]),
        ({"title": "a" * 21}, ["/title"]),
        ({"title": "a\u0000b"}, ["/title"]),
        ({"title": "a\nb"}, ["/title"]),
        ({"title": {"$gt": ""}}, ["/title"]),
        ({"title": "A", "text": None}, ["/text"]),
        ({"title": "A", "tags": ["a", 1, {}]}, ["/tags/1", "/tags/2"]),
        ({"title": "A", "tags": "a"}, ["/tags"]),
        ({"title": "A", "tags": list("abcdef")}, ["/tags"]),
        ({"title": "A", "weight": "1"}, ["/weight"]),
        ({"title": "A", "weight": True}, ["/weight"]),
        ({"title": "A", "at": 1}, ["/at"]),
        ({"title": "A", "at": "2024-01-02T03:04:05"}, ["/at"]),
        ({"title": "A", "at": "tomorrow"}, ["/at"]),
        ({"title": "A", "about": "1"}, ["/about"]),
        ({"title": "A", "$where": "1", "a/b~c": 2}, ["/$where", "/a~1b~0c"]),
    ],
)
async def test_what_breaks_a_rule_is_named_by_pointers(served: Served, sent: Any, pointers: list[str]) -> None:
    async with served.client.post("/api/toy", json=sent) as response:
        found = await problem(response, 422, "invalid")

    assert pointers == [error["pointer"] for error in found["errors"]]
    assert all(error["detail"] for error in found["errors"])


async def test_a_control_character_is_named_with_its_place(served: Served) -> None:
    async with served.client.post("/api/toy", json={"title": "A", "text": "ab\u0007"}) as response:
        found = await problem(response, 422, "invalid")

    assert [{"pointer": "/text", "detail": "character 3 is U+0007, a control character"}] == found["errors"]


async def test_only_some_of_a_hundred_thousand_faults_are_told(served: Served) -> None:
    async with served.client.post("/api/toy", json={f"f{n}": 1 for n in range(50_000)}) as response:
        found = await problem(response, 422, "invalid")

    assert 20 == len(found["errors"])


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", "", ";", "json"]
)
async def test_another_content_type_is_refused(served: Served, content_type: str) -> None:
    async with served.client.post("/api/toy", data=b'{"title": "A"}', headers={"Content-Type": content_type}) as response:
        await problem(response, 415, "unsupported-media-type")


async def test_text_in_the_shape_of_a_query_is_text(served: Served) -> None:
    for title in ("'; DROP TABLE x;--", '{"$gt": ""}', "$where", "../../etc", "<script>", "%00%0a"):
        async with served.client.post("/api/toy", json={"title": title}) as response:
            assert (201, title) == (response.status, (await response.json())["title"])


async def test_a_body_of_five_megabytes_is_refused(served: Served) -> None:
    sent = io.BytesIO(b'{"title": "A", "text": "' + b"x" * 5_000_000 + b'"}')

    async with served.client.post("/api/toy", data=sent, headers=JSON) as response:
        await problem(response, 413, "too-large")


async def test_five_megabytes_of_unannounced_length_are_refused(served: Served) -> None:
    async def pieces() -> Any:
        yield b'{"title": "'
        for _ in range(80):
            yield b"x" * 65536

    async with served.client.post("/api/toy", data=pieces(), headers=JSON) as response:
        await problem(response, 413, "too-large")


async def test_a_body_that_is_compressed_badly_is_malformed(served: Served) -> None:
    headers = JSON | {"Content-Encoding": "gzip"}

    async with served.client.post("/api/toy", data=b"not gzip", headers=headers, skip_auto_headers=()) as response:
        await problem(response, 400, "malformed")


@pytest.mark.parametrize("value", ["3", '"٣"', "W/3", '"3", "4"', '"', "", '"3', "ü", '"3" x'])
async def test_a_condition_that_is_no_tag_is_malformed(served: Served, value: str) -> None:
    async with served.client.patch(f"/api/toy/{ID}", json={"title": "A"}, headers={"If-Match": value}) as response:
        await problem(response, 400, "malformed")


@pytest.mark.parametrize("value", ['"2"', 'W/"3"', '"99999999999999999999999999"', '"abc"', '""', '"-1"', '"*"'])
async def test_a_condition_that_does_not_hold_is_stale(served: Served, value: str) -> None:
    async with served.client.patch(f"/api/toy/{ID}", json={"title": "A"}, headers={"If-Match": value}) as response:
        await problem(response, 412, "stale-version")


@pytest.mark.parametrize("value", ['"3"', "*"])
async def test_a_condition_that_holds_lets_the_change_through(served: Served, value: str) -> None:
    async with served.client.patch(f"/api/toy/{ID}", json={"title": "A"}, headers={"If-Match": value}) as response:
        assert (200, '"4"') == (response.status, response.headers["ETag"])


async def test_a_change_without_a_condition_is_told_to_have_one(served: Served) -> None:
    async with served.client.patch(f"/api/toy/{ID}", json={"title": "A"}) as response:
        await problem(response, 428, "precondition-required")


@pytest.mark.parametrize("key", ["a", "'a'", '"a"', "!" * 255, "6b1e0f1c-7c5e"])
async def test_an_idempotency_key_may_be_bare_or_quoted(served: Served, key: str) -> None:
    async with served.client.post("/api/toy", json={"title": "A"}, headers={"Idempotency-Key": key}) as response:
        assert 201 == response.status


@pytest.mark.parametrize("key", ["", '""', '"a', 'a"', "a b", "a" * 256, "schlüssel", "\\"])
async def test_what_is_no_idempotency_key_is_malformed(served: Served, key: str) -> None:
    async with served.client.post("/api/toy", json={"title": "A"}, headers={"Idempotency-Key": key}) as response:
        await problem(response, 400, "malformed")


@pytest.mark.parametrize(
    "name", ["nonsense", "6b1e0f1c7c5e4c399d4e0f7a3f2d1b11", "{" + str(ID) + "}", "%00", "%ff", "'%20OR%201=1", "$ne", "٣" * 36]
)
async def test_what_is_no_id_names_nothing(served: Served, name: str) -> None:
    async with served.client.get(f"/api/toy/{name}") as response:
        await problem(response, 404, "not-found")


@pytest.mark.parametrize(
    ("path", "status"), [("ana/caf%C3%A9", 200), ("ana/a%00", 404), ("ana/" + "a" * 201, 404), ("ana/%0A", 404), ("a%2Fb/c", 200)]
)
async def test_a_name_in_the_path_is_one_line_of_text(served: Served, path: str, status: int) -> None:
    async with served.client.get(f"/api/toy/by/{path}") as response:
        assert status == response.status


async def test_a_header_kept_as_text_holds_only_text(served: Served) -> None:
    async with served.client.get(f"/api/toy/{ID}", headers={"User-Agent": "Browser\tßé" + "x" * 500}) as response:
        shown = json.loads(await response.read())

    assert ("Browser\ufffdßé", 200) == (shown["text"][:10], len(shown["text"]))
