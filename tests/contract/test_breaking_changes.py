import copy
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.compatibility import breaking, breaking_event, breaking_since
from deploy.schemas import event_types

Change = Callable[[dict[str, Any]], object]

RATE = {"$ref": "#/components/schemas/Rate"}
RATING = {"$ref": "#/components/schemas/Rating"}
OPENAPI: dict[str, Any] = {
    "paths": {
        "/ratings": {
            "post": {
                "x-tongban": {"permission": "rating:submit", "audience": "party", "assurance": 2, "max_age_s": 600, "services": []},
                "requestBody": {"content": {"application/json": {"schema": RATE}}},
                "responses": {"201": {"content": {"application/json": {"schema": RATING}}}},
            },
            "get": {
                "x-tongban": {"permission": None, "audience": "internal", "assurance": 0, "max_age_s": None, "services": ["catalogue"]},
                "parameters": [{"in": "query", "name": "after", "schema": {"type": "string", "maxLength": 36}}],
                "responses": {"200": {"content": {"application/json": {"schema": {"type": "array", "items": RATING}}}}},
            },
        }
    },
    "components": {
        "schemas": {
            "Rate": {
                "type": "object",
                "additionalProperties": False,
                "required": ["stars"],
                "properties": {
                    "stars": {"type": "integer", "minimum": 1, "maximum": 5},
                    "channel": {"enum": ["app", "window"], "type": "string"},
                    "text": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                },
            },
            "Rating": {
                "type": "object",
                "required": ["id", "stars"],
                "properties": {
                    "id": {"type": "string", "pattern": "^[0-9]+$"},
                    "stars": {"type": "integer", "minimum": 1, "maximum": 5},
                    "state": {"enum": ["open", "closed"], "type": "string"},
                    "reply": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                    "about": RATING,
                },
            },
        }
    },
}


def post(document: dict[str, Any]) -> Any:
    return document["paths"]["/ratings"]["post"]


def got(document: dict[str, Any]) -> Any:
    return document["paths"]["/ratings"]["get"]


def request(document: dict[str, Any]) -> Any:
    return document["components"]["schemas"]["Rate"]


def answer(document: dict[str, Any]) -> Any:
    return document["components"]["schemas"]["Rating"]


BREAKING: list[tuple[str, Change]] = [
    ("POST /ratings is gone", lambda new: new["paths"].pop("/ratings")),
    ("GET /ratings is gone", lambda new: new["paths"]["/ratings"].pop("get")),
    ("request.channel may be missing", lambda new: request(new)["required"].append("channel")),
    ("request.text is not accepted", lambda new: request(new)["properties"].pop("text")),
    ("request.channel may be 'window'", lambda new: request(new)["properties"]["channel"].update(enum=["app"])),
    ("request.text may be string", lambda new: request(new)["properties"]["text"].update(anyOf=[{"type": "null"}])),
    ("request.stars may be more than [5]", lambda new: request(new)["properties"]["stars"].update(enum=[5])),
    ("request.stars may be integer", lambda new: request(new)["properties"]["stars"].update(type="string")),
    ("request.stars may be below minimum 2", lambda new: request(new)["properties"]["stars"].update(minimum=2)),
    ("request.stars may be above maximum 4", lambda new: request(new)["properties"]["stars"].update(maximum=4)),
    ("request.text may be null", lambda new: request(new)["properties"].update(text={"type": "string"})),
    ("POST /ratings requires a body", lambda new: post(new)["requestBody"].update(required=True)),
    ("takes application/json no more", lambda new: post(new)["requestBody"].update(content={"text/plain": {}})),
    ("201.reply is gone", lambda new: answer(new)["properties"].pop("reply")),
    ("201.id may be missing", lambda new: answer(new).update(required=["stars"])),
    ("201.stars may be string", lambda new: answer(new)["properties"].update(stars={"type": "string"})),
    ("201.stars may be above maximum 5", lambda new: answer(new)["properties"]["stars"].update(maximum=10)),
    ("201.state may be 'lost'", lambda new: answer(new)["properties"]["state"]["enum"].append("lost")),
    (
        "201.id may be null",
        lambda new: answer(new)["properties"].update(id={"anyOf": [{"type": "string", "pattern": "^[0-9]+$"}, {"type": "null"}]}),
    ),
    ("201.id has another pattern", lambda new: answer(new)["properties"]["id"].update(pattern="^[a-z]+$")),
    ("200.[].reply is gone", lambda new: answer(new)["properties"].pop("reply")),
    ("answers 201 no more", lambda new: post(new).update(responses={"202": {}})),
    ("answers 201 no more as", lambda new: post(new)["responses"].update({"201": {"content": {"text/html": {}}}})),
    ("reads the query parameter after no more", lambda new: got(new).pop("parameters")),
    ("requires the query parameter after", lambda new: got(new)["parameters"][0].update(required=True)),
    ("requires the header parameter key", lambda new: got(new)["parameters"].append({"in": "header", "name": "key", "required": True})),
    ("parameter after may be above maxLength 8", lambda new: got(new)["parameters"][0]["schema"].update(maxLength=8)),
    ("needs another permission", lambda new: post(new)["x-tongban"].update(permission="rating:answer")),
    ("is for fewer, person", lambda new: post(new)["x-tongban"].update(audience="person")),
    ("needs more assurance, 3", lambda new: post(new)["x-tongban"].update(assurance=3)),
    ("a sign-on of at most 60 s", lambda new: post(new)["x-tongban"].update(max_age_s=60)),
    ("is no longer for catalogue", lambda new: got(new)["x-tongban"].update(services=["identity"])),
]

HARMLESS: list[Change] = [
    lambda new: None,
    lambda new: new["paths"].update({"/replies": {}}),
    lambda new: request(new)["properties"].update(anonymous={"type": "boolean"}),
    lambda new: request(new).update(required=[]),
    lambda new: request(new)["properties"]["channel"]["enum"].append("kiosk"),
    lambda new: request(new)["properties"]["stars"].update(minimum=0, maximum=10),
    lambda new: answer(new)["properties"].update(replied_at={"type": "string"}),
    lambda new: answer(new)["required"].append("state"),
    lambda new: answer(new)["properties"]["state"].update(enum=["open"]),
    lambda new: got(new)["parameters"].append({"in": "query", "name": "stars", "schema": {}}),
    lambda new: got(new)["x-tongban"]["services"].append("identity"),
    lambda new: post(new)["x-tongban"].update(assurance=1, max_age_s=None, audience="open"),
    lambda new: post(new)["responses"].update({"409": {}}),
]


def changed(document: dict[str, Any], change: Change) -> dict[str, Any]:
    new = copy.deepcopy(document)
    change(new)
    return new


@pytest.mark.parametrize(("said", "change"), BREAKING, ids=[said for said, _ in BREAKING])
def test_a_broken_promise_is_told(said: str, change: Change) -> None:
    found = breaking(OPENAPI, changed(OPENAPI, change))
    assert any(said in each for each in found), found


@pytest.mark.parametrize("change", HARMLESS)
def test_what_breaks_nobody_is_not_told(change: Change) -> None:
    assert breaking(OPENAPI, changed(OPENAPI, change)) == []


EVENT: dict[str, Any] = event_types()["case.granted.v1"].model_json_schema()

BREAKING_EVENT: list[tuple[str, Change]] = [
    ("event.division may be missing", lambda new: new["required"].remove("division")),
    ("event.agency may be missing", lambda new: (new["properties"].pop("agency"), new["required"].remove("agency"))),
    ("event.certificate_type is gone", lambda new: new["properties"].pop("certificate_type")),
    ("event.decided_by may be integer", lambda new: new["properties"].update(decided_by={"type": "integer"})),
    ("event.outcome may be missing", lambda new: (new["properties"].update(outcome={"type": "string"}), new["required"].append("outcome"))),
    ("event.number has another pattern", lambda new: new["properties"]["number"].update(pattern="^[0-9]{50}$")),
    ("event.certificate_type may be missing", lambda new: new["required"].append("certificate_type")),
]


@pytest.mark.parametrize(("said", "change"), BREAKING_EVENT, ids=[said for said, _ in BREAKING_EVENT])
def test_an_event_that_old_readers_or_new_ones_cannot_read_is_told(said: str, change: Change) -> None:
    found = breaking_event(EVENT, changed(EVENT, change))
    assert any(said in each for each in found), found


def test_an_optional_fact_may_be_added_to_an_event() -> None:
    grown = changed(EVENT, lambda new: new["properties"].update(channel={"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}))
    assert breaking_event(EVENT, grown) == []


def test_the_working_tree_breaks_nothing_that_is_committed() -> None:
    try:
        found = breaking_since("HEAD")
    except (subprocess.CalledProcessError, FileNotFoundError):
        pytest.skip("no committed revision to compare with")
    assert found == []


def test_a_document_that_disappeared_since_a_revision_is_told(tmp_path: Path) -> None:
    committed = tmp_path / "schemas"
    (committed / "events").mkdir(parents=True)
    (committed / "events" / "case.granted.v1.json").write_text("{}")
    for arguments in (["init", "-q"], ["add", "."], ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "first"]):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    assert breaking_since("HEAD", committed) == []
    (committed / "events" / "case.granted.v1.json").unlink()
    assert breaking_since("HEAD", committed) == ["events/case.granted.v1.json: the document is gone"]
