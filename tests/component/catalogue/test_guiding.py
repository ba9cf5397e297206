"""Situations that end in a guide of one's own, pre-judgement with reason and rule, pre-review: on the real database."""

from typing import Any

import httpx
import pytest

from chassis.http.client import Disclosure
from chassis.http.mesh_token import CallerFacts
from contracts.api.certificate import Holding
from contracts.api.identity.persons import Profile, Sourced
from contracts.values import CertificateId, CertificateTypeCode, CreditCode, MandateId, OrganisationId, PartyId, PersonId
from tests.component.catalogue.conftest import DOG, DOG_IN_HUANGPU, Desk, seed
from tests.unit.catalogue.tables import RULE, said, table

CARD = "11310000TE5T90015G001"
PERMIT = "11310000TE5T90015G003"
ILLUSTRATIVE = "示例数据，不作办事依据 / illustrative, not guidance"


def _row(name: str, when: dict[str, str], outcome: str) -> dict[str, Any]:
    return {"id": name, "when": when, "outcome": outcome, "zh": f"{name}的理由", "en": f"Because of {name}.", "rule": RULE}


def guiding() -> dict[str, Any]:
    """Keeping a dog: by oneself or by somebody else, in a home one lives in."""
    inputs = [
        {
            "name": "age", "zh": "年龄", "en": "Age", "kind": "integer", "minimum": 0, "maximum": 150,
            "source": {"kind": "field", "name": "birth_on", "taken": "age"},
        },
        {"name": "permit", "zh": "持有居住证", "en": "Residence permit", "kind": "boolean", "source": {"kind": "certificate", "name": PERMIT}},
        {"name": "clean", "zh": "无禁养记录", "en": "No ban on keeping dogs", "kind": "boolean", "source": {"kind": "asked"}},
    ]  # fmt: skip
    rows = [
        _row("minor", {"age": "value < 18"}, "no"),
        _row("banned", {"age": "value >= 18", "clean": "!value"}, "no"),
        _row("resident", {"age": "value >= 18", "clean": "value", "permit": "value"}, "yes"),
        _row("elsewhere", {"age": "value >= 18", "clean": "value", "permit": "!value"}, "no"),
    ]
    options = [
        {"value": "self", "zh": "本人办理", "en": "Myself", "situation": "by-oneself"},
        {"value": "agent", "zh": "委托他人办理", "en": "Somebody for me", "situation": "by-agent"},
    ]
    situations = [
        {"code": "by-oneself", "zh": "本人办理", "en": "By oneself", "item": "01", "materials": ["identity-card", "home-proof"],
         "steps": [1, 3, 4], "is_quick": True, "provenance": "illustrative"},
        {"code": "by-agent", "zh": "委托办理", "en": "By an agent", "item": "02", "provenance": "illustrative",
         "also": [{"text": "示例：受托人身份真实", "provenance": "illustrative"}]},
    ]  # fmt: skip
    return {
        "situations": {"questions": [{"id": "who", "zh": "谁来办理？", "en": "Who applies?", "options": options}], "situations": situations},
        "eligibility": {"code": "who-may-keep", "zh": "谁可以养犬", "en": "Who may keep a dog", "inputs": inputs, "rows": rows},
        "prereview": [
            {"id": "vaccine", "zh": "免疫证明在有效期内", "en": "The vaccination is valid", "material": "vaccination-proof", "provenance": "illustrative"},
            {"id": "breed", "zh": "非禁养犬种", "en": "No forbidden breed", "field": "dog_breed", "holds": "value != '示例禁养犬种'", "provenance": "illustrative"},
        ],
    }  # fmt: skip


def document(**parts: Any) -> dict[str, Any]:
    found = seed(DOG)
    found["matters"][0]["guiding"] = guiding() | parts
    return found


@pytest.fixture
async def guided(desk: Desk) -> Desk:
    await desk.begin_with(document())
    return desk


async def ask(desk: Desk, method: str, what: str, *, person: PersonId | None = None, json: Any = None, **more: Any) -> httpx.Response:
    facts = desk.party("app", person=person, assurance=2 if person else 0, **more)
    return await desk.door.call(method, f"/matters/{DOG_IN_HUANGPU}/{what}", facts=facts, json=json)


def lives(desk: Desk, person: PersonId, born: str = "1990-06-01") -> None:
    """The city knows when the person was born."""
    at = "2026-01-01T00:00:00Z"
    known = {
        name: Sourced.model_validate({"value": value, "source": "人口库", "at": at})
        for name, value in (("name", "示例甲"), ("birth_on", born))
    }
    profile = Profile(person_id=person, assurance=2, **known)
    seen = Disclosure((person,), 3, f"eligibility {DOG_IN_HUANGPU}", ("name", "birth_on"))
    desk.beside.answers("identity", "GET", f"/persons/{person}/profile", profile, discloses=seen)


def holds(desk: Desk, *types: str) -> None:
    held = [
        Holding(
            certificate_id=CertificateId.new(), type=CertificateTypeCode(each), name="示例证", number_masked="310***", issuer=CreditCode("11310101TE5T010192"),
            valid_until=None,
        )
        for each in types
    ]  # fmt: skip
    desk.beside.answers("certificate", "POST", "/holdings", held)


async def test_the_tree_of_a_matter_is_read_and_cached(guided: Desk) -> None:
    answer = await ask(guided, "GET", "situations")
    assert answer.status_code == 200
    assert (answer.json()["first"], answer.json()["notice"]) == ("who", ILLUSTRATIVE)
    again = await guided.get(f"/matters/{DOG_IN_HUANGPU}/situations", **{"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_without_answers_the_guide_is_the_next_question(guided: Desk) -> None:
    said = (await ask(guided, "GET", "guide")).json()
    assert (said["question"]["id"], said["situation"], said["materials"]) == ("who", None, [])
    assert guided.beside.asked == []


async def test_answers_end_in_exactly_what_concerns_this_person(guided: Desk) -> None:
    said = (await ask(guided, "GET", "guide?answer=who:self")).json()
    assert (said["situation"], said["item_code"], said["is_quick"]) == ("by-oneself", f"{DOG_IN_HUANGPU}01", True)
    assert [each["material"]["code"] for each in said["materials"]] == ["identity-card", "home-proof"]
    assert [each["met"]["how"] for each in said["materials"]] == ["unknown", "waived"]
    assert len(said["steps"]) == 3
    fields = {each["name"]: each["is_prefilled"] for each in said["fields"]}
    assert (fields["applicant_name"], fields["dog_name"]) == (True, False)
    agent = (await ask(guided, "GET", "guide?answer=who:agent")).json()
    assert len(agent["materials"]) == 3
    assert agent["conditions"][-1]["text"] == "示例：受托人身份真实"


async def test_of_a_person_the_guide_says_what_the_city_holds(guided: Desk) -> None:
    holds(guided, CARD)
    person = PersonId.new()
    answer = await ask(guided, "GET", "guide?answer=who:self", person=person)
    assert [each["met"]["how"] for each in answer.json()["materials"]] == ["held", "waived"]
    assert answer.headers["cache-control"] == "private, no-store"
    assert guided.beside.asked == [("certificate", "POST", "/holdings", {"person_id": person, "types": [CARD]})]


async def test_a_guide_that_is_nobodys_is_cached_for_all(guided: Desk) -> None:
    first = await ask(guided, "GET", "guide?answer=who:self")
    again = await guided.get(f"/matters/{DOG_IN_HUANGPU}/guide?answer=who:self", **{"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    other = await guided.get(f"/matters/{DOG_IN_HUANGPU}/guide?answer=who:agent", **{"if-none-match": first.headers["etag"]})
    assert other.status_code == 200


async def test_with_the_certificate_service_away_the_guide_is_everybodys(guided: Desk) -> None:
    guided.beside.answers("certificate", "POST", "/holdings", 503)
    answer = await ask(guided, "GET", "guide?answer=who:self", person=PersonId.new())
    assert (answer.status_code, answer.json()["materials"][0]["met"]["how"]) == (200, "unknown")


@pytest.mark.parametrize(
    "query", ["answer=who:nobody", "answer=other:self", "answer=who:self&answer=who:agent", "answer=who", "answer=%00:self"]
)
async def test_answers_that_are_not_possible_are_refused(guided: Desk, query: str) -> None:
    answer = await ask(guided, "GET", f"guide?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_matter_without_a_tree_is_one_situation(desk: Desk) -> None:
    await desk.take(document(situations=None))
    said = (await ask(desk, "GET", "guide")).json()
    assert (said["question"], said["situation"], len(said["materials"])) == (None, None, 3)
    for path in ("situations",):
        refused = await ask(desk, "GET", path)
        assert (refused.status_code, refused.json()["code"]) == (404, "matter-not-guided")
    assert (await ask(desk, "GET", "guide?answer=who:self")).json()["code"] == "answers-not-possible"


async def test_a_matter_without_a_table_prejudges_nobody(desk: Desk) -> None:
    await desk.take(document(eligibility=None))
    for method, path, body in (("GET", "eligibility", None), ("GET", "eligibility/text", None), ("POST", "eligibility", {})):
        refused = await ask(desk, method, path, json=body)
        assert (refused.status_code, refused.json()["code"]) == (404, "matter-not-guided")


@pytest.mark.parametrize(
    ("inputs", "answer", "rows", "missing"),
    [
        ({"age": 17}, "no", ["minor"], []),
        ({"clean": False}, "no", ["minor", "banned"], []),
        ({"age": 30, "clean": True, "permit": True}, "yes", ["resident"], []),
        ({"age": 30, "clean": True}, "unknown", [], ["permit"]),
        ({}, "unknown", [], ["age", "permit", "clean"]),
    ],
)
async def test_eligibility_is_yes_no_or_unknown_with_reason_and_rule(
    guided: Desk, inputs: dict[str, Any], answer: str, rows: list[str], missing: list[str]
) -> None:
    said = (await ask(guided, "POST", "eligibility", json={"inputs": inputs})).json()
    assert (said["answer"], [each["row"] for each in said["grounds"]]) == (answer, rows)
    assert [each["name"] for each in said["missing"]] == missing
    assert all(each["rule"]["text"] == RULE["text"] for each in said["grounds"])
    assert said["zh"]
    assert said["en"]
    assert (said["illustrative"], said["notice"]) == (True, ILLUSTRATIVE)


async def test_what_the_city_knows_of_a_person_is_filled_in_with_its_source(guided: Desk) -> None:
    person = PersonId.new()
    lives(guided, person)
    holds(guided, PERMIT)
    said = (await ask(guided, "POST", "eligibility", person=person, json={"inputs": {"clean": True}})).json()
    assert (said["answer"], [each["row"] for each in said["grounds"]]) == ("yes", ["resident"])
    assert {each["name"]: each["source"] for each in said["inputs"]} == {"age": "人口库", "permit": "certificate", "clean": "given"}
    assert [each.subjects for each in guided.door.disclosed] == [(person,)]


async def test_an_age_is_counted_to_the_day_of_the_city(guided: Desk) -> None:
    person = PersonId.new()
    today = guided.door.app.state.clock.now().date()
    lives(guided, person, born=today.replace(year=today.year - 18).isoformat())
    said = (await ask(guided, "POST", "eligibility", person=person, json={})).json()
    assert {each["name"]: each["value"] for each in said["inputs"]}["age"] == 18


async def test_without_neighbours_it_is_unknown_and_never_an_error(guided: Desk) -> None:
    person = PersonId.new()
    guided.beside.answers("certificate", "POST", "/holdings", 503)
    guided.beside.answers("identity", "GET", f"/persons/{person}/profile", 500)
    answer = await ask(guided, "POST", "eligibility", person=person, json={"inputs": {"clean": True}})
    assert (answer.status_code, answer.json()["answer"], answer.json()["inputs"][0]["name"]) == (200, "unknown", "clean")
    assert [each["name"] for each in answer.json()["missing"]] == ["age", "permit"]


async def test_nobody_is_looked_up_for_what_was_said_or_who_is_not_known_well(guided: Desk) -> None:
    await ask(guided, "POST", "eligibility", person=PersonId.new(), json={"inputs": {"age": 3, "permit": True}})
    facts = guided.party("app", person=PersonId.new(), assurance=1)
    await guided.door.call("POST", f"/matters/{DOG_IN_HUANGPU}/eligibility", facts=facts, json={})
    await ask(guided, "POST", "eligibility", organisation=OrganisationId.new(), json={})
    assert guided.beside.asked == []


@pytest.mark.parametrize(
    "inputs", [{"age": 151}, {"age": "18"}, {"age": True}, {"age": 1.5}, {"clean": "yes"}, {"other": 1}, {"age": None}]
)
async def test_values_that_no_input_has_are_refused(guided: Desk, inputs: dict[str, Any]) -> None:
    answer = await ask(guided, "POST", "eligibility", json={"inputs": inputs})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_mandate_for_other_matters_does_not_reach_here(guided: Desk) -> None:
    by_mandate = {"actor": PersonId.new(), "mandate": MandateId.new(), "mandate_matters": ("310102912000",)}
    for method, path, body in (("GET", "guide", None), ("POST", "eligibility", {}), ("POST", "prereview", {})):
        refused = await ask(guided, method, path, person=PersonId.new(), json=body, **by_mandate)
        assert (refused.status_code, refused.json()["code"]) == (403, "matter-not-in-mandate")


async def test_a_lawyer_reads_the_table_in_both_languages(guided: Desk) -> None:
    said = (await ask(guided, "GET", "eligibility")).json()
    assert said["rows"][1]["zh"] == "如果“年龄”为不小于18，且“无禁养记录”为否，则不能办理：banned的理由"
    assert (
        said["rows"][1]["en"] == "If “Age” is at least 18 and “No ban on keeping dogs” is no, it cannot be applied for: Because of banned."
    )
    text = await ask(guided, "GET", "eligibility/text")
    assert text.headers["content-type"] == "text/markdown; charset=utf-8"
    assert ILLUSTRATIVE in text.text
    assert f"| banned | {said['rows'][1]['zh']}<br>{said['rows'][1]['en']} | {RULE['text']} (illustrative) |" in text.text


async def test_prereview_says_what_would_come_back(guided: Desk) -> None:
    values = {"address": "示例路1号", "dog_name": "旺财", "dog_breed": "示例禁养犬种", "dog_colour": "黄", "vaccinated_on": "2026-11-01"}
    body = {"answers": {"who": "agent"}, "values": values, "materials": ["identity-card"]}
    said = (await ask(guided, "POST", "prereview", json=body)).json()
    assert {each["id"]: each["status"] for each in said["points"] if each["status"] != "met"} == {
        "material:vaccination-proof": "failed", "vaccine": "failed", "breed": "failed",
    }  # fmt: skip
    assert said["is_ready"] is False
    body = {"answers": {"who": "agent"}, "values": values | {"dog_breed": "柴犬"}, "materials": ["identity-card", "vaccination-proof"]}
    said = (await ask(guided, "POST", "prereview", json=body)).json()
    assert said["is_ready"] is True
    assert [each["id"] for each in said["points"] if each["status"] == "by_hand"] == ["vaccine"]


async def test_in_a_quick_situation_nothing_is_uploaded(guided: Desk) -> None:
    holds(guided, CARD)
    values = {"address": "示例路1号", "dog_name": "旺财", "dog_breed": "柴犬", "dog_colour": "黄", "vaccinated_on": "2026-11-01"}
    body = {"answers": {"who": "self"}, "values": values}
    said = (await ask(guided, "POST", "prereview", person=PersonId.new(), json=body)).json()
    assert said["is_ready"] is True, said


async def test_prereview_is_of_a_situation(guided: Desk) -> None:
    refused = await ask(guided, "POST", "prereview", json={"values": {"dog_name": 3}})
    assert (refused.status_code, refused.json()["code"]) == (422, "answers-not-possible")


@pytest.mark.parametrize("short", [each for each in said("faulty") if each["fault"] != "outcome"], ids=lambda each: each["name"])
async def test_a_faulty_table_is_not_imported(desk: Desk, short: dict[str, Any]) -> None:
    refused = await desk.take(document(eligibility=table(short)))
    assert (refused.status_code, refused.json()["code"]) == (422, "import-refused")
    told = [(each["table"], each["row"], each["column"]) for each in refused.json()["errors"]]
    assert set(told) == {("matters", "1", "guiding")}
    wanted = f"table who-may-apply, row {short['row']}: {short['fault']}: "
    assert any(each["rule"].startswith(wanted) for each in refused.json()["errors"]), refused.json()["errors"]
    assert (await desk.get(f"/matters/{DOG_IN_HUANGPU}")).status_code == 404


@pytest.mark.long
async def test_thirty_good_tables_are_imported(desk: Desk) -> None:
    for version, short in enumerate(said("good"), start=1):
        answer = await desk.take(document(eligibility=table(short)))
        assert answer.status_code == 200, (short["name"], answer.text)
        assert (await ask(desk, "GET", "eligibility")).json()["version"] == version


async def test_a_tree_that_does_not_end_is_not_imported(desk: Desk) -> None:
    broken = guiding()["situations"]
    broken["questions"][0]["options"].append({"value": "other", "zh": "其他", "en": "Other", "next": "who"})
    refused = await desk.take(document(situations=broken))
    assert [each["rule"] for each in refused.json()["errors"]] == ["question who: the way goes in a circle: who → who"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "situations"),
        ("GET", "guide"),
        ("GET", "eligibility"),
        ("GET", "eligibility/text"),
        ("POST", "eligibility"),
        ("POST", "prereview"),
    ],
)
async def test_guiding_needs_the_gateway_and_its_permission(guided: Desk, method: str, path: str) -> None:
    for facts in (CallerFacts("application", party=PartyId.new(), assurance=4), CallerFacts("gateway", party=PartyId.new())):
        answer = await guided.door.call(method, f"/matters/{DOG_IN_HUANGPU}/{path}", facts=facts, json={} if method == "POST" else None)
        assert answer.status_code == 403, facts
