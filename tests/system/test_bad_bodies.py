"""Bodies that look like JSON and are not what anybody should store: refused at every write, never by a 500.

Each is a good body with one thing wrong in it, so that nothing but this thing can be why it is refused.
Source: the bodies that break a service which trusts its libraries.
"""

import json
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from contracts.problems import MEDIA_TYPE
from deploy.local import keys, seed
from deploy.local.journey.config import Person
from deploy.local.mesh import Mesh
from deploy.schemas import FOLDER
from tests.support import sharing
from tests.support.whole_mesh import Visit, visiting

_NUMBER = "11310101TE5T010192431010190000020990101000001"
_ID = "01a21411-aeb3-7527-ac83-b985933ba47a"
_TYPE = "11310000TE5T90015G001"
_POLICE = "11310000TE5T013342"
_PASSPORT = {"type": "PASSPORT_CN", "number": "E99900001"}
_SECOND = {"kind": "social_security", "number": "SS1"}
# What the security officer does; the system officer does the rest.
_SECURITY = {
    "change:approve", "data-item:review", "party:approve", "party:restrict", "party:suspend", "policy:approve", "policy:propose", "policy:read",
    "resource:manage", "scene:answer", "scene:revoke", "sharing-list:keep",
}  # fmt: skip
# What is asked of the decision point grows by names of others, and nothing of it is kept (AuthZEN 1.0, section 10.1).
_QUESTIONS = "/access/v1/"
_MAY_BE_ASKED = ("a name nobody knows", "NUL", "a bidirectional override")
_POLICY = {
    "kinds": ["app"], "audiences": ["open"], "grade": 1, "assurance": 0, "may_write": False, "origins": ["https://m.city.example"],
    "hours": {"days": [1], "opens": "09:00", "closes": "17:00"},
}  # fmt: skip
# Documents of somebody else's form, in which a fraction or a text may be meant.
_FREE = {"values", "content", "fields", "jwks", "value"}
_TYPES = seed.CERTIFICATE / "certificate_types.json"


def _good(folder: Path) -> dict[str, dict[str, Any]]:
    """A body for each write that takes JSON, right in its form; most name what does not exist."""
    jwk = keys.public_jwk(keys.private_key(folder / "bad-body.pem"))
    matter = seed.document()["matters"][0]
    material = {"code": "identity-card", "certificate": {"certificate_id": _ID, "purpose": "办理", "consent": True}}
    return {
        **sharing.BODIES,
        **_questions(),
        "/conformance-runs/{run_id}/report": {
            "seed": "a", "kind": "district", "kit_version": "1.0", "outcomes": [{"check": "signature-form", "reason": "示例"}],
            "exchanges": [{
                "at_ms": 1, "answered_ms": 1, "method": "GET", "path": "/dispatches", "query": "after=1", "headers": {"host": "localhost"},
                "body_sha256": "0" * 64, "form": {"grant_type": "client_credentials"}, "play": "answered", "status": 200, "shown": [_NUMBER],
            }],
        },
        "/policy-versions": {"files": {"example.cedar": "// 示例"}, "note": "示例"},
        "/policy-versions/{version}/preview": {"last": 1},
        "/cases": {"task_code": _NUMBER[:31], "version": 1, "values": {"address": "某路", "deep": {"in": ["x"]}}, "materials": [material]},
        "/automatic-approvals/city-stop": {"stop": True, "reason": "示例"},
        "/automatic-approvals/stop": {"stop": True, "reason": "示例"},
        "/automatic-approvals/{basic_code}": {"mode": "shadow", "reason": "示例"},
        "/cases/{number}/recheck": {"agrees": True, "reason": "示例"},
        "/exchange-batches/{batch_id}/receipt": {"reference": "示例", "rejected": [{"row_guid": "0" * 32, "reason": "示例"}]},
        "/package-cases": {
            "code": "newborn", "version": 1, "division": "310101", "values": {"address": "某路"}, "materials": [material],
        },
        "/calendars": {"year": 2090, "off": ["2090-01-02"], "worked": ["2090-01-07"], "source": "示例"},
        "/cards/{card_id}/answer": {"answer": "示例"},
        "/office-hours": {"unit": "示例", "opens": "09:00", "closes": "17:00", "source": "示例"},
        "/cases/{number}/corrections": {"values": {"address": "某路"}, "materials": [material]},
        "/cases/{number}/correction-requests": {"text": "请补正", "materials": ["vaccination-proof"], "fields": ["address"]},
        **{f"/cases/{{number}}/{act}": {"revision": 1} for act in ("acceptance", "closure", "prereview", "production", "review")},
        "/cases/{number}/archive": {"retention": "30"},
        "/cases/{number}/delivery": {"way": "post", "tracking": "EX123456"},
        "/cases/{number}/extension": {"working_days": 10, "reason": "情况复杂"},
        "/cases/{number}/fees": {"name": "工本费", "amount_fen": 1000},
        "/cases/{number}/hearing": {"outcome": "已举行"},
        "/cases/{number}/hearing-announcement": {"opens_at": "2026-12-31T06:00:00Z", "place": "示例厅", "chair": "hp-099", "chair_name": "示例"},
        "/cases/{number}/hearing-offer": {"about": "涉及他人重大利益"},
        "/cases/{number}/hearing-request": {"reason": "有异议"},
        "/cases/{number}/intake-refusal": {"kind": "not_eligible", "reason": "不符合", "cites": ["condition:1"]},
        "/cases/{number}/procedures": {"kind": "survey", "cites": "procedure:1", "reason": "现场核实"},
        "/cases/{number}/procedure-ends": {"kind": "survey", "outcome": "符合", "with_officer": "hp-002"},
        "/cases/{number}/resumption": {"outcome": "通过"},
        "/cases/{number}/review/returns": {"step": 1, "text": "请补正", "materials": ["vaccination-proof"], "fields": ["address"]},
        "/cases/{number}/review/steps": {"step": 1, "opinion": "符合", "fields": ["address"], "materials": ["vaccination-proof"]},
        "/cases/{number}/supply-extension": {"working_days": 5, "reason": "示例"},
        "/cases/{number}/suspension": {"procedure": "expert_review", "reason": "技术复杂", "expected_working_days": 10},
        "/cases/{number}/termination": {"cause": "duplicate", "reason": "重复申请"},
        "/cases/{number}/withdrawal": {"reason": "不办了"},
        "/permit-supervisors": {
            "supervisors": [{"matter": "310101900000", "agency": "11310000TE5T013342", "provenance": "illustrative"}],
        },
        "/package-cases/{number}/withdrawal": {"reason": "不办了"},
        "/cases/{number}/decision": {"outcome": "refuse", "reason": "不符合", "content": {"dog_name": "豆包"}},
        "/cases/{number}/supplies": {"materials": [material]},
        "/drafts": {"task_code": _NUMBER[:31], "version": 1, "values": {"address": "某路"}, "materials": [material]},
        "/drafts/{draft_id}": {"revision": 1, "version": 1, "values": {"address": "某路"}, "materials": [material]},
        "/judgements": {"task_code": _NUMBER[:31], "inputs": {}},
        "/source-outages": {"source": "certificate", "evidence": "接口 503"},
        "/window-cases": {
            "task_code": _NUMBER[:31], "version": 1, "values": {"address": "某路"}, "materials": [material],
            "applicant": {"name": "示例·甲一", "document": _PASSPORT}, "channel": "post",
            "acting_for": {"credit_code": "91350100M000100Y43"},
        },
        "/work-list/search": {"matter_name": "犬类"},
        "/officer-scopes/{officer}": {"matters": ["310190000000"]},
        "/progress": {"short_number": "23456789AB", "password": "0000"},
        "/city-codes": {"scene": "health", "holder_key": "a" * 43},
        "/city-codes/verifications": {"code": "SSM1.a.b", "scene": "health"},
        "/city-codes/window/paper": {"document": {"type": "resident_id", "number": "31999919900515001X"}, "name": "示例·甲一"},
        "/clients/{party_id}/settings": {
            "profile": "public", "auth_method": "none", "id_token_alg": "RS256", "grant_types": ["authorization_code"], "scopes": ["openid"],
            "post_logout_redirect_uris": ["https://app.example/out"], "backchannel_logout_uri": "https://app.example/told", "jwks": [jwk],
        },
        "/clients/{party_id}/secrets": {"overlap_s": 60},
        "/guardianships": {"name": "示例·幼一", "resident_id": "31999919900515001X"},
        "/mandates": {
            "kind": "helper", "agent": {"name": "示例·甲一", "phone": "13900000999"}, "matters": ["431010190000"],
            "begins_at": "2099-01-01T00:00:00Z", "ends_at": "2099-02-01T00:00:00Z",
        },
        "/persons/me/password": {"old_password": "correct-horse", "new_password": "another-horse"},
        "/signing-keys/rotations": {"alg": "ES256"},
        "/matters/imports": {"matters": [matter], "dry_run": True},
        "/matters/{task_code}/eligibility": {"inputs": {}},
        "/matters/{task_code}/prereview": {"answers": {}, "values": {}, "materials": ["identity-card"]},
        "/packages/{code}/draft": next(each for each in seed.packages() if each["code"] == "newborn"),
        "/packages/{code}/versions/{version}": {"revision": 1, "effective_on": "2099-01-01"},
        "/matter-drafts": {"revise": matter["basic_code"]},
        "/matter-drafts/{draft_id}": {"matter": matter},
        "/matter-drafts/{draft_id}/publication": {"effective_at": "2099-01-01T00:00:00Z"},
        "/matter-drafts/{draft_id}/review": {"approve": True},
        **{f"/matters/{{basic_code}}/{act}": {"reason": "示例"} for act in ("resumption", "retirement", "suspension")},
        **{f"/matters/{{basic_code}}/{what}/withdrawal": {"reason": "示例"} for what in ("versions/{number}", "retirement")},
        **{f"/matters/{{basic_code}}/{what}/withdrawal/review": {"approve": False} for what in ("versions/{number}", "retirement")},
        "/matters/imports/{import_id}/review": {"digest": "0" * 64, "outcome": "reject", "note": "示例"},
        "/service-points/imports": {"points": seed.points()["points"][:1], "gone": [], "dry_run": True},
        "/callbacks/own": {"url": "https://district.example.cn/told", "per_second": 20, "at_once": 4},
        "/callbacks/own/keys": {"overlap_s": 60},
        "/callbacks/own/redrives": {"deliveries": [_ID]},
        "/callbacks/own/replays": {"since": "2099-01-01T00:00:00Z", "until": "2099-01-02T00:00:00Z"},
        "/callbacks/{party_id}/redrives": {"deliveries": [_ID]},
        "/callbacks/{party_id}/replays": {"since": "2099-01-01T00:00:00Z", "until": "2099-01-02T00:00:00Z"},
        "/cases/{number}/permit-amendments": {"kind": "revocation", "reason": "示例", "operation": "HP-1"},
        "/permit-supervisors/{matter}": {"agency": _POLICE},
        "/work-forms/findings/{finding_id}/settlement": {"note": "示例"},
        "/certificate-types/imports": {"types": [json.loads(_TYPES.read_text())[0]]},
        "/channels": {"code": "tv", "zh": "电视端", "en": "Television", "policy": _POLICY},
        "/channels/{code}/closure": {"zh": "检修", "en": "Maintenance"},
        "/channels/{code}/policy": _POLICY,
        "/certificates/deposits": {
            "type": _TYPE, "issuer": _POLICE, "holder_name": "示例·甲一", "holder_id": "31999919900515001X", "number": "B-1",
            "content": {"name": "示例·甲一", "address": "某路"}, "issued_on": "2020-03-01", "valid_until": "2040-03-01",
        },
        "/certificates/{certificate_id}/presentations": {"purpose": "窗口核验"},
        "/presentations/verifications": {"code": "a" * 43, "purpose": "窗口核验"},
        "/parties": {"name": "示例", "kind": "district", "division": "310101", "jwks": [jwk], "officers": ["hp-001"]},
        "/parties/{party_id}/suspension": {"reason": "示例"},
        "/parties/{party_id}/withdrawal": {"reason": "示例"},
        "/parties/{party_id}/restrictions": {"burst": 1, "networks": ["192.0.2.0/24"], "purposes": {"示例": 1}},
        "/parties/own/keys": {"statement": "a.b.c"},
        "/changes": {"content": {"kind": "party.resume", "party": _ID}, "reason": "示例"},
        "/changes/{change_id}/refusal": {"note": "示例"},
        "/organisations/registrations": {"credit_code": "91310101MA1TE5T0XR", "name": "示例"},
        "/organisations/{organisation_id}/licence": {"challenge": "a" * 43, "response": "b"},
        "/persons/me": {"nickname": "小甲", "address": {"locality": "上海"}},
        "/persons/me/closing": {"confirms": True},
        "/persons/me/corrections": {"item": "name", "name": "示例·甲新"},
        "/persons/me/documents": {"name": "示例·甲一", "document": _PASSPORT, "second_proof": _SECOND},
        "/persons/me/merges/{merge_id}/proof": {"password": "correct-horse"},
        "/persons/me/verifications": {"method": "face", "capture": "eA=="},
        "/persons/merges": {"name": "示例·甲一", "document": _PASSPORT, "other": {"type": "OFFICER", "number": "示字第0001号"}},
        "/registrations": {
            "name": "示例·甲一", "resident_id": "31999919900515001X", "phone": "13900000999", "sms_code": "000000",
            "second_proof": _SECOND, "password": "correct-horse", "accepts_agreement": True,
        },
        "/registrations/documents": {
            "name": "示例·甲一", "document": _PASSPORT, "phone": "13900000999", "sms_code": "000000", "password": "correct-horse",
            "accepts_agreement": True, "second_proof": _SECOND,
        },
        "/registrations/phone": {"phone": "13900000999", "sms_code": "000000", "password": "correct-horse", "accepts_agreement": True},
        "/sms-codes": {"phone": "13900000999"},
        "/ratings": {"ticket_id": _ID, "stars": 2, "tags": ["201"], "text": "慢", "channel": "app"},
        "/ratings/{rating_id}/reply": {"kind": "explained", "text": "已改进"},
        "/staff": {"agency": _POLICE, "number": "b-1", "name": "示例", "department": "示例科", "window": "1", "duties": ["intake"]},
        "/staff/{staff_id}": {"department": "示例科", "window": "1", "duties": ["intake"]},
        "/window-checks": {
            "name": "示例·甲一", "document": {"type": "PASSPORT_FOREIGN", "number": "X99900001", "country": "DEU"},
            "opening": {"phone": "13900000999", "sms_code": "000000"},
        },
    }  # fmt: skip


def _questions() -> dict[str, dict[str, Any]]:
    """To the decision point."""
    subject, action, resource = {"type": "party", "id": _ID}, {"name": "matter:read"}, {"type": "route", "id": "GET /matters"}
    asked = {"subject": subject, "action": action, "resource": resource}
    return {
        f"{_QUESTIONS}evaluation": asked,
        f"{_QUESTIONS}evaluations": asked | {"evaluations": [asked]},
        f"{_QUESTIONS}search/action": {"subject": subject, "resource": resource, "page": {"limit": 1}},
        f"{_QUESTIONS}search/resource": asked | {"resource": {"type": "route"}, "page": {"limit": 1}},
        f"{_QUESTIONS}search/subject": asked | {"subject": {"type": "party"}, "page": {"limit": 1}},
    }


def _spoilt(good: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """The good body with one thing wrong, and what that is."""
    whole = json.dumps(good, ensure_ascii=False)
    name = next(iter(good))
    yield "a name twice", f"{{{json.dumps(name)}:null,{whole[1:]}".encode()
    yield "UTF-16", whole.encode("utf-16")
    yield "a byte order mark", b"\xef\xbb\xbf" + whole.encode()
    yield "not UTF-8", whole.encode()[:-1] + b',"x":"\xff"}'
    yield "something behind it", f"{whole} {{}}".encode()
    yield "cut off", whole.encode()[:-1]
    yield "a name nobody knows", f'{whole[:-1]},"nobody_knows":1}}'.encode()
    yield "nested deeply", b'{"a":' * 2000 + whole.encode() + b"}" * 2000
    for place, value in _leaves(good):
        if isinstance(value, str):
            wrong = {
                "NUL": f"{value}\\u0000",
                "a lone high surrogate": f"{value}\\ud800",
                "a lone low surrogate": f"\\udfff{value}",
                "a bidirectional override": f"{value}\u202e",
            }
            yield from ((f"{what} in {place}", _with(good, place, f'"{text}"')) for what, text in wrong.items())
        elif not isinstance(value, bool):
            mistaken = () if _FREE.intersection(map(str, place)) else ("true", f"{value}.0", f'"{value}"')
            for text in ("NaN", "-Infinity", "1e999", "1" * 30, "1" * 10_000, *mistaken):
                yield f"{text[:31]} in {place}", _with(good, place, text)


def _leaves(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """The first of each list stands for all of it."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _leaves(each, (*place, name))
    elif isinstance(value, list):
        if value:
            yield from _leaves(value[0], (*place, 0))
    elif value is not None:
        yield place, value


def _with(good: dict[str, Any], place: tuple[str | int, ...], text: str) -> bytes:
    """The body with this JSON text, which need not be JSON, at that place."""
    spoilt = json.loads(json.dumps(good))
    inner = spoilt
    for part in place[:-1]:
        inner = inner[part]
    inner[place[-1]] = "@here@"
    return json.dumps(spoilt, ensure_ascii=False).replace('"@here@"', text).encode()


def _writes() -> set[tuple[str, str, str, str]]:
    """(audience, permission, method, path) of every write from outside that takes JSON."""
    return {
        (operation["x-tongban"]["audience"], operation["x-tongban"]["permission"], method.upper(), path)
        for file in (FOLDER / "openapi").glob("*.json")
        for path, operations in json.loads(file.read_text())["paths"].items()
        for method, operation in operations.items()
        if operation["x-tongban"]["audience"] not in {"internal", "protocol"}
        and "application/json" in operation.get("requestBody", {}).get("content", {})
    }


async def _asked(visit: Visit, audience: str, permission: str, method: str, path: str, body: bytes) -> httpx.Response:
    """By whoever may make this write."""
    headers = {"content-type": "application/json", "idempotency-key": "bad-body"}
    if audience in {"person", "subject"}:
        return await visit.parties.app.request(method, path, content=body, headers=headers, token=visit.citizen.access_token)
    if permission == "person:register":
        return await visit.parties.app.request(method, path, content=body, headers=headers)
    is_operator = audience == "operator" and permission not in {"case:take-in", "city-code:print", "package:edit", *sharing.OF_SYSTEMS}
    who = visit.parties.operator if is_operator else visit.parties.window
    if permission in {
        "case:extend",
        "matter:draft",
        "matter:import",
        "matter:review",
        "package:edit",
        "certificate-type:import",
        "certificate:deposit",
    }:
        who = visit.parties.police
    system, security, *_ = visit.journey.config.operator.officers
    officer = (security if permission in _SECURITY else system) if is_operator else None
    return await who._send(method, path, None, body, headers, officer)


async def test_a_bad_body_is_refused_everywhere_for_what_is_bad_in_it(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    good, wrong, asked = _good(tmp_path), {}, 0
    writes = _writes()
    assert good.keys() == {path for *_, path in writes}
    async with visiting(mesh, person, tmp_path) as visit:
        for audience, permission, method, path in sorted(writes):
            called = (
                path.replace("versions/{number}", "versions/1")
                .replace("package-cases/{number}", "package-cases/YJS3101012099010100000001")
                .replace("{number}", _NUMBER)
                .replace("certificate-types/{code}", f"certificate-types/{_TYPE}")
            )
            called = called.replace("channels/{code}", "channels/hotline").replace("{code}", sharing.ITEM).replace("{version}", "1")
            called = (
                called.replace("{matter}", "310101900999")
                .replace("{basic_code}", "310101900999")
                .replace("{task_code}", f"{_NUMBER[:19]}310101900999")
                .replace("{officer}", "hp-002")
            )
            for parameter in (
                "rating_id",
                "batch_id",
                "certificate_id",
                "party_id",
                "organisation_id",
                "merge_id",
                "staff_id",
                "change_id",
                "scene_id",
                "run_id",
                "card_id",
                "draft_id",
                "import_id",
                "finding_id",
            ):
                called = called.replace(f"{{{parameter}}}", _ID)
            assert "{" not in called
            for what, body in _spoilt(good[path]):
                answer = await _let_in(partial(_asked, visit, audience, permission, method, called, body))
                asked += 1
                if path.startswith(_QUESTIONS) and what.startswith(_MAY_BE_ASKED) and answer.status_code == 200:
                    continue
                if fault := _fault(answer):
                    wrong[path, what] = fault
    print(f"{asked} bad bodies")
    assert wrong == {}


async def _let_in(ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """The answer of whoever is behind the door: a door that was too busy to look is asked again, a 503 from behind it is not."""
    for _ in range(5):
        answer = await ask()
        if answer.status_code != 503 or "room" not in answer.json():
            break
    return answer


def _fault(answer: httpx.Response) -> str:
    """What is wrong with a refusal: it must be of the body, as a problem, and for one field where it is for fields."""
    said = f"{answer.status_code} {answer.text[:300]}"
    if answer.status_code not in {400, 422} or answer.headers["content-type"] != MEDIA_TYPE:
        return said
    problem = answer.json()
    named = {each.get("field") for each in problem.get("errors", ())}
    # A key that is known already means that another of these bodies was taken.
    is_of_this_body = problem["code"] != "idempotency-key-reused" and len(named) <= 1
    return "" if is_of_this_body else said
