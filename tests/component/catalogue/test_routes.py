"""Matters as they are found, guided, defined and got ready for."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chassis.http import CallerFacts
from chassis.http.client import Disclosure
from contracts.api.certificate import Holding
from contracts.values import CertificateId, MandateId, OrganisationId, PartyId, PersonId, TaskCode
from tests.component.catalogue.conftest import DOG, DOG_IN_HUANGPU, Desk, seed
from tests.support.service import EVERYTHING

IDENTITY_CARD = "11310000TE5T90015G001"
RESIDENCE_PERMIT = "312001903000"


SAID = (
    "犬类准养证核发",
    "犬类",
    "养狗证",
    "狗证",
    " 狗证 ",
    "狗\u200b证",
    "yangquandengji",
    "yang quan deng ji",
    "YQDJ",
    "yqdj",
    "gouzheng",
)


async def test_a_matter_is_found_by_name_alias_pinyin_and_initials(seeded: Desk) -> None:
    for said in SAID:
        assert [each["name"] for each in await seeded.found(said)][:1] == ["犬类准养证核发"], said


async def test_the_nearest_name_comes_first(seeded: Desk) -> None:
    """Many matters share the pair 登记; only one is named so."""
    names = [each["name"] for each in await seeded.found("就业登记")]
    assert names[0] == "就业登记"
    assert len(set(names)) > 1


ODD = (
    "量子霍尔",
    "xyzzyq",
    "ѣ",
    "'; DROP TABLE matters; --",
    "%",
    "_",
    "\\",
    "a' | 'b",
    "!&|()",
    "\x00",
    "\u202e\ufeff",
    "😀",
    "²",
    "①",
    "ⅷ",
)


async def test_odd_words_find_nothing_and_break_nothing(seeded: Desk) -> None:
    for said in ODD:
        assert await seeded.found(said) == [], said


async def test_no_words_list_everything_page_by_page(desk: Desk) -> None:
    await desk.take(seed(DOG, RESIDENCE_PERMIT))
    seen, path = [], "/matters?"
    while path:
        page = (await desk.get(path)).json()
        seen += [each["task_code"] for each in page["items"]]
        path = f"/matters?after={page['next']}" if page["next"] else ""
    assert len(seen) == len(set(seen)) == 32


async def test_each_matter_can_be_found_once(desk: Desk) -> None:
    await desk.take(seed(DOG, RESIDENCE_PERMIT))
    for narrowed in ("", "&division=310101"):
        found = (await desk.get(f"/matters?one_each=true{narrowed}")).json()
        assert sorted(each["name"] for each in found["items"]) == sorted({each["name"] for each in found["items"]})
        assert len(found["items"]) == 2
        assert found["next"] is None


async def test_a_division_finds_its_own_and_the_citys(seeded: Desk) -> None:
    answer = await seeded.get("/matters?q=%E8%AF%81&division=310101")
    assert {each["division"] for each in answer.json()["items"]} == {"310101", "310000"}


async def test_a_theme_narrows_the_search(seeded: Desk) -> None:
    answer = await seeded.get("/matters?theme=%E5%A9%9A%E5%A7%BB%E7%99%BB%E8%AE%B0")
    assert [each["name"] for each in answer.json()["items"]] == ["中国内地公民婚姻登记"]


@pytest.mark.parametrize("query", ["division=31", "division=abc", "after=-1", "after=x", "after=10001", f"q={'a' * 51}"])
async def test_a_search_that_makes_no_sense_is_refused(desk: Desk, query: str) -> None:
    assert (await desk.get(f"/matters?{query}")).status_code == 422


async def test_a_guide_says_that_it_is_only_an_illustration(desk: Desk) -> None:
    await desk.take(seed(DOG))
    guide = (await desk.get(f"/matters/{DOG_IN_HUANGPU}")).json()
    assert (guide["illustrative"], guide["provenance"]) == (True, "illustrative")
    assert guide["notice"] == "示例数据，不作办事依据 / illustrative, not guidance"
    assert (guide["agency_name"], guide["division"]) == ("示例·黄浦区公安分局", "310101")
    assert (await desk.found("狗证"))[0]["illustrative"] is True


def _official(said: Any) -> Any:
    """The same with every element confirmed, and its source where it can name one."""
    if isinstance(said, list):
        return [_official(each) for each in said]
    if not isinstance(said, dict):
        return said
    confirmed = {name: _official(each) for name, each in said.items()}
    if "provenance" in said:
        confirmed["provenance"] = "official"
        if "text" in said or not {"name", "question"} & said.keys():
            confirmed["source"] = "示例文件"
    return confirmed


async def test_an_official_guide_carries_no_notice(desk: Desk) -> None:
    document = seed(DOG)
    (matter,) = document["matters"]
    document["matters"] = [_official(matter)]
    assert (await desk.take(document)).status_code == 200
    guide = (await desk.get(f"/matters/{DOG_IN_HUANGPU}")).json()
    assert (guide["illustrative"], guide["notice"]) == (False, None)


async def test_an_unchanged_guide_is_not_sent_again(desk: Desk) -> None:
    document = seed(DOG)
    await desk.take(document)
    path = f"/matters/{DOG_IN_HUANGPU}"
    tag = (await desk.get(path)).headers["etag"]
    for said in (tag, f"W/{tag}", f'"other", {tag}'):
        again = await desk.get(path, **{"if-none-match": said})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    document["matters"][0]["visits"] = 1
    await desk.take(document)
    changed = await desk.get(path, **{"if-none-match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


async def test_no_such_matter_is_not_found(desk: Desk) -> None:
    await desk.take(seed(DOG))
    unknown = f"{DOG_IN_HUANGPU[:-1]}1"
    assert (await desk.get(f"/matters/{unknown}")).json()["code"] == "matter-not-found"
    assert (await desk.get("/matters/nonsense")).status_code == 422
    assert (await desk.definition(unknown)).status_code == 404


def _how(answer: Any) -> dict[str, str]:
    return {each["code"]: each["how"] for each in answer.json()["materials"]}


async def test_readiness_says_what_the_city_holds(desk: Desk) -> None:
    await desk.take(seed(DOG))
    person = PersonId.new()
    held = Holding.model_validate(
        {
            "certificate_id": CertificateId.new(), "type": IDENTITY_CARD, "name": "居民身份证", "number_masked": "31****25",
            "issuer": DOG_IN_HUANGPU[:18], "valid_until": None,
        }
    )  # fmt: skip
    seen = Disclosure((person,), 3, f"readiness {DOG_IN_HUANGPU}", ("居民身份证",))
    desk.beside.answers("certificate", "POST", "/holdings", [held], discloses=seen)
    answer = await desk.readiness(DOG_IN_HUANGPU, person)
    assert _how(answer) == {"identity-card": "held", "vaccination-proof": "upload", "home-proof": "waived"}
    card = answer.json()["materials"][0]
    assert (card["certificate_name"], card["number_masked"]) == ("居民身份证", "31****25")
    assert answer.json()["complete"] is False
    assert desk.door.disclosed == [seen]
    assert desk.beside.asked == [("certificate", "POST", "/holdings", {"person_id": person, "types": [IDENTITY_CARD]})]


async def test_what_the_city_does_not_hold_is_uploaded(desk: Desk) -> None:
    await desk.take(seed(DOG))
    desk.beside.answers("certificate", "POST", "/holdings", [])
    assert _how(await desk.readiness(DOG_IN_HUANGPU, PersonId.new()))["identity-card"] == "upload"


async def test_readiness_reaches_by_mandate_as_far_as_the_mandate(desk: Desk) -> None:
    await desk.take(seed(DOG))
    desk.beside.answers("certificate", "POST", "/holdings", [])
    by_mandate = {"actor": PersonId.new(), "mandate": MandateId.new()}
    matters = (TaskCode(DOG_IN_HUANGPU).basic,)
    assert (await desk.readiness(DOG_IN_HUANGPU, PersonId.new(), **by_mandate, mandate_matters=matters)).status_code == 200
    refused = await desk.readiness(DOG_IN_HUANGPU, PersonId.new(), **by_mandate, mandate_matters=("310102912000",))
    assert (refused.status_code, refused.json()["code"]) == (403, "matter-not-in-mandate")


async def test_organisations_hold_no_certificates(desk: Desk) -> None:
    await desk.take(seed(DOG))
    answer = await desk.readiness(DOG_IN_HUANGPU, None, organisation=OrganisationId.new(), actor=PersonId.new(), mandate=MandateId.new())
    assert _how(answer)["identity-card"] == "upload"
    assert desk.beside.asked == []


async def test_with_the_certificate_service_away_it_is_unknown(desk: Desk) -> None:
    await desk.take(seed(DOG))
    desk.beside.answers("certificate", "POST", "/holdings", 503)
    answer = await desk.readiness(DOG_IN_HUANGPU, PersonId.new())
    assert answer.status_code == 200
    assert _how(answer) == {"identity-card": "unknown", "vaccination-proof": "upload", "home-proof": "waived"}
    assert answer.json()["complete"] is False


async def test_a_person_is_ready_when_nothing_required_is_to_be_uploaded(desk: Desk) -> None:
    document = seed(RESIDENCE_PERMIT)
    (matter,) = document["matters"]
    matter["materials"] = [
        {"code": "photo", "name": "照片", "source": "applicant", "is_required": False, "provenance": "illustrative"},
        {"code": "home", "name": "住所证明", "source": "government", "is_required": True, "exemption": "commitment", "provenance": "illustrative"},
    ]  # fmt: skip
    await desk.take(document)
    answer = await desk.readiness(matter["implementations"][0]["task_code"], PersonId.new())
    assert _how(answer) == {"photo": "upload", "home": "waived"}
    assert answer.json()["complete"] is True
    assert desk.beside.asked == []


async def test_a_definition_is_what_intake_needs(desk: Desk) -> None:
    await desk.take(seed(DOG))
    said = (await desk.definition(DOG_IN_HUANGPU)).json()
    assert (said["version"], said["matter_type"], said["result_certificate_type"]) == (1, "01", "11310000TE5T90015G004")
    assert (said["promised_working_days"], said["statutory_working_days"], said["illustrative"]) == (9, 20, True)
    assert said["field_sources"] == {
        "applicant_name": "identity.name",
        "applicant_id": "identity.resident_id",
        "applicant_phone": "identity.phone",
    }
    assert said["field_titles"]["dog_name"] == "犬名 Name of the dog"


async def test_the_form_of_a_definition_is_a_closed_schema(desk: Desk) -> None:
    await desk.take(seed(DOG))
    schema = (await desk.definition(DOG_IN_HUANGPU)).json()["form_schema"]
    Draft202012Validator.check_schema(schema)
    form = Draft202012Validator(schema)
    filled = {
        "applicant_name": "示例甲", "applicant_id": "319999195503020025", "applicant_phone": "13800138000", "address": "示例路1号",
        "dog_name": "旺财", "dog_breed": "柴犬", "dog_colour": "黄", "vaccinated_on": "2026-11-01",
    }  # fmt: skip
    assert form.is_valid(filled)
    assert not form.is_valid({**filled, "surprise": "1"})
    assert not form.is_valid({**filled, "vaccinated_on": "yesterday"})
    assert not form.is_valid({name: value for name, value in filled.items() if name != "dog_name"})


async def test_an_earlier_version_is_still_defined_as_it_was(desk: Desk) -> None:
    """A case goes on under the version it was started under, whatever became of form, matter and implementation."""
    document = seed(DOG)
    await desk.take(document)
    first = (await desk.definition(DOG_IN_HUANGPU)).json()
    (dog_name,) = [field for field in document["fields"] if field["name"] == "dog_name"]
    dog_name["value"] = {"type": "string", "maxLength": 5}
    document["matters"][0]["materials"].pop()
    document["matters"][0]["implementations"].remove({"task_code": DOG_IN_HUANGPU})
    await desk.take(document)
    assert (await desk.definition(DOG_IN_HUANGPU)).status_code == 404
    assert (await desk.definition(DOG_IN_HUANGPU, query="?version=1")).json() == first


async def test_a_version_that_never_was_is_not_found(desk: Desk) -> None:
    document = seed(DOG)
    gone = document["matters"][0]["implementations"].pop()["task_code"]
    await desk.take(document)
    for task_code, version, status in (
        (DOG_IN_HUANGPU, "2", 404),
        (gone, "1", 404),
        (DOG_IN_HUANGPU, "0", 422),
        (DOG_IN_HUANGPU, "99999999999999999999", 422),
    ):
        answer = await desk.definition(task_code, query=f"?version={version}")
        assert answer.status_code == status, (task_code, version)


async def test_divisions_and_agencies_are_listed_by_code(desk: Desk) -> None:
    await desk.take(seed(DOG))
    listed = (await desk.get("/divisions")).json()
    assert [each["code"] for each in listed] == sorted(each["code"] for each in seed()["divisions"])
    assert len((await desk.get("/agencies")).json()) == len(seed(DOG)["agencies"])


async def test_a_definition_is_for_intake_and_certificates(desk: Desk) -> None:
    await desk.take(seed(DOG))
    for service, status in (("application", 200), ("certificate", 200), ("rating", 403), ("identity", 403)):
        assert (await desk.definition(DOG_IN_HUANGPU, service)).status_code == status, service
    gateway = CallerFacts("gateway", party=PartyId.new(), permissions=EVERYTHING)
    assert (await desk.door.call("GET", f"/matters/{DOG_IN_HUANGPU}/definition", facts=gateway)).status_code == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/matters/imports"),
        ("GET", "/matters"),
        ("GET", f"/matters/{DOG_IN_HUANGPU}"),
        ("GET", f"/matters/{DOG_IN_HUANGPU}/readiness"),
        ("GET", "/divisions"),
        ("GET", "/agencies"),
    ],
)
async def test_routes_for_the_outside_need_the_gateway_and_its_permission(desk: Desk, method: str, path: str) -> None:
    body = {} if method == "POST" else None
    for facts in (
        CallerFacts("application", party=PartyId.new(), person=PersonId.new(), assurance=4, permissions=EVERYTHING),
        CallerFacts("gateway", party=PartyId.new(), person=PersonId.new(), assurance=4),
    ):
        assert (await desk.door.call(method, path, facts=facts, json=body)).status_code == 403, facts


async def test_readiness_needs_a_person(desk: Desk) -> None:
    assert (await desk.get(f"/matters/{DOG_IN_HUANGPU}/readiness")).status_code == 403
