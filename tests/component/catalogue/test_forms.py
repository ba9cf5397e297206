"""Forms as everybody reads them, and the gate in front of publishing."""

from typing import Any

import pytest
import sqlalchemy as sa
from jsonschema import Draft202012Validator

from services.catalogue.tables import versions
from tests.component.catalogue.conftest import DOG, DOG_IN_HUANGPU, Desk, seed
from tests.support.filling import filled_in

FORM = f"/matters/{DOG_IN_HUANGPU}/blank-form"
SITUATIONS = {
    "questions": [
        {
            "id": "which",
            "zh": "哪种情形",
            "en": "Which",
            "options": [
                {"value": "first", "zh": "首次", "en": "First", "situation": "first"},
                {"value": "renewal", "zh": "延续", "en": "Renewal", "situation": "renewal"},
            ],
        }
    ],
    "situations": [
        {"code": "first", "zh": "首次", "en": "First", "provenance": "illustrative"},
        {
            "code": "renewal",
            "zh": "延续",
            "en": "Renewal",
            "fields": ["applicant_name", "applicant_id", "dog_name", "vaccinated_on"],
            "materials": ["identity-card"],
            "provenance": "illustrative",
        },
    ],
}


def with_situations() -> dict[str, Any]:
    document = seed(DOG)
    document["matters"][0]["guiding"] = {"situations": SITUATIONS}
    return document


async def test_a_form_says_what_is_typed_and_what_comes_from_whom(desk: Desk) -> None:
    await desk.take(seed(DOG))
    said = (await desk.get(FORM)).json()
    Draft202012Validator.check_schema(said["form_schema"])
    assert said["form_schema"]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert said["typed"] == ["address", "dog_name", "dog_breed", "dog_colour", "vaccinated_on"]
    assert (said["uploads"], said["is_kuaiban"], said["illustrative"]) == (["vaccination-proof"], False, True)
    origins = {each["name"]: each for each in said["fields"]}
    assert (origins["applicant_id"]["how"], origins["applicant_id"]["path"]) == ("prefilled", "identity.resident_id")
    assert (origins["applicant_id"]["holder_zh"], origins["applicant_id"]["grade"]) == ("统一身份认证的实名信息", 4)
    assert (origins["dog_name"]["how"], origins["dog_name"]["holder_en"]) == ("typed", "the applicant")
    name = said["form_schema"]["properties"]["applicant_name"]
    assert (name["title"], name["x-en"]["title"], name["readOnly"]) == ("申请人姓名", "Applicant's name", True)
    assert [each["code"] for each in said["layout"]] == ["applicant", "address", "animal"]


async def test_a_form_is_that_of_the_situation(desk: Desk) -> None:
    await desk.take(with_situations())
    said = (await desk.get(f"{FORM}?situation=renewal")).json()
    assert (said["situation"], said["typed"], said["uploads"], said["is_kuaiban"]) == ("renewal", ["dog_name", "vaccinated_on"], [], True)
    assert said["form_schema"]["required"] == SITUATIONS["situations"][1]["fields"]
    schema = Draft202012Validator(said["form_schema"])
    filled = filled_in(said["form_schema"]) | {"applicant_name": "示例·甲一", "applicant_id": "31999919900515001X"}
    assert schema.is_valid(filled)
    assert not schema.is_valid(filled | {"address": "示例路 1 号"})
    unknown = await desk.get(f"{FORM}?situation=no-such")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "situation-not-found")


async def test_intake_works_by_the_situation(desk: Desk) -> None:
    await desk.take(with_situations())
    said = (await desk.definition(DOG_IN_HUANGPU, query="?situation=renewal")).json()
    assert (said["situation"], [each["code"] for each in said["materials"]]) == ("renewal", ["identity-card"])
    assert set(said["field_titles"]) == set(said["form_schema"]["properties"]) == set(SITUATIONS["situations"][1]["fields"])
    assert (await desk.definition(DOG_IN_HUANGPU, query="?situation=no-such")).status_code == 404
    assert (await desk.definition(DOG_IN_HUANGPU)).json()["situation"] is None


@pytest.mark.parametrize(("matter_says", "situation_says", "whole"), [(None, True, None), (False, True, False), (True, None, True)])
async def test_intake_learns_what_is_a_renewal_from_the_situation_else_from_the_matter(
    desk: Desk, matter_says: bool | None, situation_says: bool | None, whole: bool | None
) -> None:
    document = with_situations()
    [matter] = document["matters"]
    first, renewal = SITUATIONS["situations"]
    matter["guiding"] = {"situations": SITUATIONS | {"situations": [first, renewal | {"is_renewal": situation_says}]}}
    matter["is_renewal"] = matter_says
    await desk.take(document)
    said = [
        (await desk.definition(DOG_IN_HUANGPU, query=query)).json()["is_renewal"]
        for query in ("?situation=renewal", "?situation=first", "")
    ]
    assert said == [True, matter_says, whole]


async def test_intake_learns_the_fees_of_the_situation_alone(desk: Desk) -> None:
    document = with_situations()
    [matter] = document["matters"]
    matter["fees"] = [
        {"text": text, "standard": "示例：10 元", "provenance": "illustrative"} for text in ("示例：首次工本费", "示例：延续工本费")
    ]
    first, renewal = SITUATIONS["situations"]
    matter["guiding"] = {"situations": SITUATIONS | {"situations": [first | {"fees": [1]}, renewal | {"fees": [2]}]}}
    await desk.take(document)
    for query, places in (("?situation=first", [0]), ("?situation=renewal", [1]), ("", [0, 1])):
        fees = (await desk.definition(DOG_IN_HUANGPU, query=query)).json()["fees"]
        assert [each["text"] for each in fees] == [matter["fees"][place]["text"] for place in places]


async def test_a_form_has_a_tag_and_is_not_sent_twice(desk: Desk) -> None:
    await desk.take(seed(DOG))
    first = await desk.get(FORM)
    again = await desk.get(FORM, **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    other = await desk.get(f"{FORM}?applicant=organisation", **{"if-none-match": first.headers["etag"]})
    assert other.status_code == 200
    assert "applicant_phone" in other.json()["typed"]


async def test_a_version_keeps_its_form(desk: Desk) -> None:
    document = seed(DOG)
    await desk.take(document)
    first = (await desk.get(FORM)).json()
    document["matters"][0]["form"].remove("dog_colour")
    await desk.take(document)
    assert "dog_colour" not in (await desk.get(FORM)).json()["typed"]
    assert (await desk.get(f"{FORM}?version=1")).json() == first
    assert (await desk.get(f"{FORM}?version=3")).json()["code"] == "matter-not-found"


async def test_a_guide_and_a_search_say_what_is_quick(desk: Desk) -> None:
    await desk.take(with_situations())
    guide = (await desk.get(f"/matters/{DOG_IN_HUANGPU}")).json()
    assert (guide["is_kuaiban"], guide["kuaiban"], guide["is_haoban"]) == (True, ["renewal"], False)
    [found] = [each for each in await desk.found("养犬") if each["task_code"] == DOG_IN_HUANGPU]
    assert (found["is_kuaiban"], found["is_haoban"]) == (True, False)
    await desk.take(seed(DOG))
    assert (await desk.get(f"/matters/{DOG_IN_HUANGPU}")).json()["is_kuaiban"] is False


async def test_a_form_that_asks_for_what_the_city_holds_is_not_published(desk: Desk) -> None:
    document = seed(DOG)
    document["fields"].append({"name": "id_card", "zh": "申请人身份证号", "en": "Identity number", "value": {"type": "string"}})
    document["matters"][0]["form"].append("id_card")
    refused = await desk.take(document)
    assert (refused.status_code, refused.json()["code"]) == (422, "import-refused")
    [error] = refused.json()["errors"]
    assert (error["table"], error["row"], error["column"]) == ("fields", str(len(document["fields"])), "name")
    assert "identity.resident_id (统一身份认证的实名信息 / the person's verified identity)" in error["rule"]
    async with desk.database.reading() as session:
        assert (await session.execute(sa.select(sa.func.count()).select_from(versions))).scalar_one() == 0


async def test_a_later_document_cannot_bring_in_what_the_dictionary_holds(desk: Desk) -> None:
    await desk.take(seed(DOG))
    refused = await desk.take({"fields": [{"name": "mobile", "zh": "联系电话", "en": "Where we reach you", "value": {"type": "string"}}]})
    assert "identity.phone" in refused.json()["errors"][0]["rule"]


async def test_the_dictionary_is_open_to_everybody(desk: Desk) -> None:
    document = seed(DOG)
    await desk.take(document)
    listed = {each["name"]: each for each in (await desk.get("/form-fields")).json()}
    assert listed.keys() == {each["name"] for each in document["fields"]}
    assert listed["marital_status"]["source"]["data_item"] == "marriage-registration"
    assert [each["value"] for each in listed["marital_status"]["options"]] == ["single", "married", "divorced", "widowed"]
    assert (listed["dog_name"]["source"], listed["dog_name"]["group"]) == (None, "animal")


@pytest.mark.parametrize("query", ["version=0", "version=x", "applicant=dog", f"situation={'x' * 51}"])
async def test_a_question_that_makes_no_sense_is_refused(desk: Desk, query: str) -> None:
    await desk.take(seed(DOG))
    assert (await desk.get(f"{FORM}?{query}")).status_code == 422
