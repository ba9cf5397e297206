import json
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.api.catalogue import ImportCatalogue, Matter
from services.catalogue.domain.matters import bigrams, cleaned, digest_of, errors_in, provenance_of

AGENCY = "11310101TE5T010192"
BASIC = "310101900000"
CARD = "11310000TE5T90015G001"


def matter(**other: Any) -> dict[str, Any]:
    plain = {"text": "示例", "provenance": "illustrative"}
    return {
        "basic_code": BASIC, "name": "犬类准养证核发", "aliases": ["狗证"], "level": 4, "themes": ["证件办理"], "served": ["person"],
        "depth": [1, 7], "visits": 0, "is_immediate": False, "channels": ["mobile"], "basis": [plain], "conditions": [plain],
        "materials": [material("card", exemption="certificate", certificate_type=CARD)],
        "steps": [{"name": "受理", "working_days": 1, "provenance": "illustrative"}],
        "statutory": {"working_days": 20, "provenance": "official", "source": "《中华人民共和国行政许可法》第四十二条"},
        "promised": {"working_days": 9, "provenance": "illustrative"}, "fees": [], "places": [plain],
        "results": [{"name": "犬类准养证", "provenance": "illustrative"}], "form": ["dog_name"],
        "implementations": [{"task_code": f"{AGENCY}4{BASIC}"}], **other,
    }  # fmt: skip


def material(code: str, **other: Any) -> dict[str, Any]:
    return {"code": code, "name": "示例材料", "source": "government", "is_required": True, "provenance": "illustrative", **other}


def document(*matters: dict[str, Any], **other: Any) -> ImportCatalogue:
    said = {
        "divisions": [{"code": "310101", "zh": "黄浦区", "en": "Huangpu"}],
        "agencies": [{"code": AGENCY, "name": "示例·公安分局", "division": "310101", "function": "公安"}],
        "fields": [{"name": "dog_name", "zh": "犬名", "en": "Name of the dog", "value": {"type": "string"}}],
        "matters": list(matters or (matter(),)), **other,
    }  # fmt: skip
    return ImportCatalogue.model_validate_json(json.dumps(said))


def broken(said: ImportCatalogue) -> list[tuple[str, str, str, str]]:
    found = errors_in(
        said,
        agencies={each.code for each in said.agencies},
        divisions={each.code for each in said.divisions},
        fields={each.name for each in said.fields},
    )
    return [(each["table"], each["row"], each["column"], each["rule"]) for each in found]


def test_a_whole_document_breaks_no_rule() -> None:
    assert broken(document()) == []


OFFICIAL = {"text": "示例", "provenance": "official"}


@pytest.mark.parametrize(
    ("other", "column", "rule"),
    [
        ({"promised": {"working_days": 21, "provenance": "illustrative"}}, "promised", "a promise is not longer than the statutory limit"),
        ({"is_immediate": True}, "is_immediate", "an immediate matter promises at most one working day"),
        ({"form": ["dog_name", "cat_name"]}, "form", "the field cat_name is in the dictionary"),
        (
            {"materials": [material("card", exemption="certificate")]},
            "materials",
            "card: an exemption by certificate names its type, and only it does",
        ),
        (
            {"materials": [material("card", certificate_type=CARD)]},
            "materials",
            "card: an exemption by certificate names its type, and only it does",
        ),
        ({"materials": [material("card"), material("card")]}, "materials", "each material has a code of its own"),
        (
            {"implementations": [{"task_code": f"{AGENCY}4310101900001"}]},
            "implementations",
            f"{AGENCY}4310101900001 ends with the basic code",
        ),
        ({"implementations": [{"task_code": f"{AGENCY}3{BASIC}"}]}, "implementations", f"{AGENCY}3{BASIC} is not above the matter's level"),
        (
            {"implementations": [{"task_code": f"11310104TE5T0102784{BASIC}"}]},
            "implementations",
            f"the agency of 11310104TE5T0102784{BASIC} is known",
        ),
        ({"implementations": [{"task_code": f"{AGENCY}4{BASIC}"}] * 2}, "implementations", "an implementation is given once"),
        ({"basis": [OFFICIAL]}, "provenance", "an official element names its source"),
        ({"promised": {"working_days": 9, "provenance": "official"}}, "provenance", "an official element names its source"),
    ],
)
def test_a_broken_rule_is_named_with_row_and_column(other: dict[str, Any], column: str, rule: str) -> None:
    sound = matter(basic_code="310101900009", implementations=[{"task_code": f"{AGENCY}4310101900009"}])
    found = broken(document(sound, matter(**other)))
    assert [each for each in found if not each[3].endswith("where the agency stands")] == [("matters", "2", column, rule)]


@pytest.mark.parametrize("table", ["divisions", "agencies", "fields", "matters"])
def test_a_code_is_given_once(table: str) -> None:
    plain = document().model_dump(mode="json")
    twice = ImportCatalogue.model_validate_json(json.dumps({**plain, table: plain[table] * 2}))
    assert broken(twice) == [(table, "2", "code", "a code is given once")]


def test_an_agency_stands_in_a_known_division() -> None:
    agency = {"code": AGENCY, "name": "示例", "division": "310104", "function": "公安"}
    assert broken(document(agencies=[agency])) == [("agencies", "1", "division", "the division is known")]


@pytest.mark.parametrize("value", [{"type": "nothing"}, {"$ref": "http://127.0.0.1/schema"}, {"anyOf": [{"$dynamicRef": "#x"}]}])
def test_a_field_is_a_schema_that_needs_nothing_from_outside(value: dict[str, Any]) -> None:
    field = {"name": "dog_name", "zh": "犬名", "en": "Name", "value": value}
    assert broken(document(fields=[field])) == [("fields", "1", "value", "the value is a JSON Schema that refers to no other")]


def test_a_code_with_a_wrong_check_character_is_no_code() -> None:
    with pytest.raises(ValidationError):
        document(matter(implementations=[{"task_code": f"11310101TE5T0101934{BASIC}"}]))


def _read(**other: Any) -> Matter:
    return Matter.model_validate_json(json.dumps(matter(**other)))


def test_a_matter_is_as_sure_as_its_weakest_element() -> None:
    assert provenance_of(_read()) == "illustrative"
    text = json.dumps(matter()).replace("illustrative", "recalled")
    assert provenance_of(Matter.model_validate_json(text)) == "recalled"
    text = text.replace("recalled", "official")
    assert provenance_of(Matter.model_validate_json(text)) == "official"


def test_a_digest_tells_content_and_not_the_order_of_members() -> None:
    turned = dict(reversed(matter().items()))
    fields = {each.name: each for each in document().fields}
    assert digest_of(Matter.model_validate_json(json.dumps(turned)), fields) == digest_of(_read(), fields)
    assert digest_of(_read(visits=1), fields) != digest_of(_read(), fields)


def test_a_digest_tells_a_changed_field_of_the_form_from_one_that_is_elsewhere() -> None:
    fields = {each.name: each for each in document().fields}
    renamed = {"dog_name": fields["dog_name"].model_copy(update={"zh": "名字"})}
    assert digest_of(_read(), fields | renamed) != digest_of(_read(), fields)
    assert digest_of(_read(), fields | {"other": fields["dog_name"]}) == digest_of(_read(), fields)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("养犬登记", "养犬 犬登 登记"),
        ("证", "证"),
        ("80周岁以上", "80 周岁 岁以 以上"),
        ("办理（备案）", "办理 备案"),
        ("Dog 证件", "dog 证件"),
        ("养犬养犬", "养犬 犬养"),
        ("'|&!()", ""),
        ("", ""),
    ],
)
def test_text_falls_into_overlapping_pairs(text: str, pairs: str) -> None:
    assert bigrams(text) == pairs


@pytest.mark.parametrize(
    ("text", "left"), [("狗\u200b证 ", "狗证"), ("\u202e狗证", "狗证"), ("\x00\ufeff", ""), ("狗 证", "狗 证"), ("", "")]
)
def test_a_search_leaves_out_what_nobody_sees(text: str, left: str) -> None:
    assert cleaned(text) == left


def test_days_of_a_limit_are_whole_and_not_negative() -> None:
    for days in (-1, 1.5, "9", date(2026, 1, 1).isoformat()):
        with pytest.raises(ValidationError):
            _read(promised={"working_days": days, "provenance": "illustrative"})
