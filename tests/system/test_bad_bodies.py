"""Bodies that look like JSON and are not what anybody should store: refused at every write, never by a 500.

Source: the twenty bodies that break a service which trusts its libraries.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from contracts.problems import MEDIA_TYPE
from deploy.client import patiently
from deploy.local.journey.config import Person
from deploy.local.mesh import Mesh
from deploy.schemas import FOLDER
from tests.support.whole_mesh import Visit, visiting

_DEEP = b'{"a":' * 2000 + b"1" + b"}" * 2000

BODIES = {
    "NUL in a text": b'{"name":"a\\u0000b","phone":"a\\u0000b"}',
    "NUL in a nested document": b'{"values":{"a":"\\u0000"},"content":{"a":"\\u0000"}}',
    "lone high surrogate": b'{"name":"\\ud800"}',
    "lone low surrogate": b'{"name":"\\udfff"}',
    "surrogate in bytes": b'{"name":"\xed\xa0\x80"}',
    "NaN": b'{"version":NaN}',
    "Infinity": b'{"version":Infinity}',
    "1e999": b'{"version":1e999}',
    "a number of 30 digits": b'{"version":123456789012345678901234567890}',
    "a text of 100 digits": b'{"version":"' + b"1" * 100 + b'"}',
    "a number of 10000 digits": b'{"version":' + b"1" * 10_000 + b"}",
    "a name twice": b'{"task_code":"a","task_code":"b"}',
    "UTF-16": '{"name":"甲"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"name":"a"}',
    "not UTF-8": b'{"name":"\xff\xfe"}',
    "true as a number": b'{"version":true}',
    "a fraction as a number": b'{"version":1.0}',
    "nested deeply": _DEEP,
    "an array": b"[]",
    "a text": b'"x"',
    "null": b"null",
    "nothing": b"",
    "cut off": b'{"name":',
    "something behind it": b"{} {}",
    "bidirectional override": '{"name":"a\u202eb"}'.encode(),
}


def _writes() -> Iterator[tuple[str, str, str]]:
    """(audience, permission, path) of every write from outside that takes JSON."""
    for file in sorted((FOLDER / "openapi").glob("*.json")):
        for path, operations in json.loads(file.read_text())["paths"].items():
            for method, operation in operations.items():
                guard, body = operation["x-tongban"], operation.get("requestBody", {})
                if method == "post" and guard["audience"] not in {"internal", "protocol"} and "application/json" in body.get("content", {}):
                    yield guard["audience"], guard["permission"], path


def _path(template: str) -> str:
    """A path of the right form, to something that does not exist."""
    number = "11310101TE5T010192431010190000020990101000001"
    return (
        template.replace("{number}", number)
        .replace("{task_code}", number[:31])
        .replace("{rating_id}", "01a21411-aeb3-7527-ac83-b985933ba47a")
        .replace("{certificate_id}", "01a21411-aeb3-7527-ac83-b985933ba47a")
        .replace("{party_id}", "01a21411-aeb3-7527-ac83-b985933ba47a")
    )


async def _asked(visit: Visit, audience: str, permission: str, path: str, body: bytes) -> httpx.Response:
    """By whoever may make this write."""
    key = "bad-body"
    if audience == "person":
        return await patiently(lambda: visit.citizen.post(path, content=body, idempotency_key=key))
    headers = {"content-type": "application/json", "idempotency-key": key}
    if permission == "person:register":
        return await patiently(lambda: visit.parties.app.request("POST", path, content=body, headers=headers))
    who = visit.parties.operator if audience == "operator" else visit.parties.window
    if permission in {"matter:import", "certificate-type:import", "certificate:deposit"}:
        who = visit.parties.police
    officer = visit.journey.config.operator.officers[0] if audience == "operator" else None
    return await patiently(lambda: who._send("POST", path, None, body, headers, officer))


async def test_a_bad_body_is_refused_everywhere_by_name(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    answers: dict[tuple[str, str], Any] = {}
    async with visiting(mesh, person, tmp_path) as visit:
        for audience, permission, path in _writes():
            for name, body in BODIES.items():
                answers[path, name] = await _asked(visit, audience, permission, _path(path), body)
    assert len(answers) > 10 * len(BODIES)
    wrong = {
        place: (answer.status_code, answer.text[:200])
        for place, answer in answers.items()
        if not 400 <= answer.status_code < 500 or answer.status_code in {401, 403, 405, 429} or answer.headers["content-type"] != MEDIA_TYPE
    }
    assert wrong == {}
    echoed = {place: answer.text for place, answer in answers.items() if "\\ud800" in answer.text.lower() or "\\u0000" in answer.text}
    assert echoed == {}
