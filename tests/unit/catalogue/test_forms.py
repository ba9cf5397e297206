"""Forms: what follows from matter and dictionary, and what may not be published."""

import json
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from contracts.api.catalogue import FormField, ImportCatalogue, Matter
from contracts.api.catalogue.forms import Applying
from deploy.local import seed
from services.application.domain.sources import OF_ORGANISATIONS, OF_PERSONS
from services.catalogue.domain.form_rules import meaning_zh
from services.catalogue.domain.forms import (
    HELD,
    NoSuchSituation,
    form_of,
    origins_of,
    quick_situations,
    schema_of,
    situation_of,
)
from services.catalogue.domain.matters import errors_in
from tests.support.filling import filled_in
from tests.support.seed import catalogue, types

DOG = "310101900000"
CARD = "11310000TE5T90015G001"
HOUSEHOLD = "11310000TE5T90015G002"
PLAIN = {"text": "示例", "provenance": "illustrative"}


def document(**changes: Any) -> dict[str, Any]:
    """The seed with its dictionary, and of its matters the dog licence alone, changed."""
    said: dict[str, Any] = json.loads(_with_dog())
    said["matters"] = [each | changes for each in said["matters"]]
    return said


@cache
def _with_dog() -> str:
    said = seed.document()
    return json.dumps(said | {"matters": [each for each in said["matters"] if each["basic_code"] == DOG]})


def read(said: dict[str, Any]) -> ImportCatalogue:
    return ImportCatalogue.model_validate_json(json.dumps(said))


def broken(said: dict[str, Any]) -> list[tuple[str, str, str]]:
    whole = read(said)
    agencies, divisions = {each.code for each in whole.agencies}, {each.code for each in whole.divisions}
    found = errors_in(whole, agencies=agencies, divisions=divisions, fields={each.name: each for each in whole.fields})
    return [(each["table"], each["column"], each["rule"]) for each in found]


def dog(**changes: Any) -> tuple[Matter, list[FormField]]:
    whole = read(document(**changes))
    fields = {each.name: each for each in whole.fields}
    return whole.matters[0], [fields[name] for name in whole.matters[0].form]


FORM = ["applicant_name", "applicant_id", "applicant_phone", "address", "dog_name", "dog_breed", "dog_colour", "vaccinated_on"]


@pytest.mark.parametrize(
    ("field", "source"),
    [
        ({"name": "id_card_number", "zh": "申请人身份证号", "en": "ID of whoever applies"}, "identity.resident_id"),
        ({"name": "my_name", "zh": "姓名", "en": "How you are called"}, "identity.name"),
        ({"name": "mobile", "zh": "联系电话", "en": "Where we reach you"}, "identity.phone"),
        ({"name": "birthday", "zh": "出生年月日", "en": "Born when"}, "identity.birth_on"),
        ({"name": "gender", "zh": "男女", "en": "Gender"}, "identity.sex"),
        ({"name": "firm", "zh": "企业名称", "en": "Your firm"}, "identity.organisation_name"),
        ({"name": "code_of_company", "zh": "社会信用代码", "en": "Code of the firm"}, "identity.credit_code"),
        ({"name": "household_no", "zh": "户口簿户号", "en": "Household number"}, f"certificate.{HOUSEHOLD}.household_number"),
        ({"name": "hukou_address", "zh": "申请人户籍地址", "en": "Where the hukou is"}, f"certificate.{CARD}.address"),
        ({"name": "is_owner", "zh": "名下有无住房情况", "en": "Owns a dwelling"}, "data_item.real-estate-registration.owns_dwelling"),
    ],
)
def test_a_field_that_asks_for_what_the_city_holds_is_refused_and_the_source_is_named(field: dict[str, Any], source: str) -> None:
    """Adding a field already obtainable fails the gate and names the source."""
    said = document(form=[*FORM, field["name"]])
    said["fields"].append({**field, "value": {"type": "string"}})
    [(table, column, rule)] = broken(said)
    assert (table, column) == ("fields", "name")
    assert source in rule
    assert field["name"] in rule


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ({"zh": "犬名", "en": "What it is called"}, "name"),
        ({"zh": "狗狗叫什么", "en": "The dog's name"}, "name"),
        ({"name": "name_of_dog", "zh": "狗狗叫什么", "en": "What it is called"}, "name"),
        ({"zh": "一", "en": "One", "ask_anyway": "示例"}, "ask_anyway"),
        ({"zh": "一", "en": "One", "options": [{"value": "a", "zh": "甲", "en": "A"}] * 2}, "options"),
        ({"zh": "一", "en": "One", "options": [{"value": "a", "zh": "甲", "en": "A"}], "value": {"type": "integer"}}, "options"),
    ],
)
def test_the_dictionary_has_one_field_for_one_thing(field: dict[str, Any], column: str) -> None:
    said = document()
    said["fields"].append({"name": "another_one", "value": {"type": "string"}, **field})
    assert [(table, at) for table, at, _ in broken(said)] == [("fields", column)]


def test_a_field_of_the_same_source_is_the_same_field() -> None:
    said = document()
    (card,) = [each["source"] for each in said["fields"] if each["name"] == "registered_address"]
    said["fields"].append({"name": "another_one", "zh": "一", "en": "One", "value": {"type": "string"}, "source": card})
    [(_, column, rule)] = broken(said)
    assert column == "name"
    assert "registered_address" in rule


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("申请人的身份证号", "身份号"),
        ("居民身份证号码", "身份号"),
        ("联系电话", "电话"),
        ("月工资（元）", "月工资"),
        ("子女姓名", "子女姓名"),
    ],
)
def test_words_that_say_nothing_are_left_out(said: str, meant: str) -> None:
    assert meaning_zh(said) == meant


def material(**changes: Any) -> dict[str, Any]:
    return {"code": "card", "name": "示例", "source": "government", "is_required": True, "provenance": "illustrative", **changes}


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        ({"materials": [material(certificate_type=CARD)]}, "materials", "names its type"),
        ({"materials": [material(data_item="marriage-registration")]}, "materials", "checked there and not uploaded"),
        ({"materials": [material(name="犬类准养证")]}, "materials", "the city issues it as the certificate"),
        ({"form": [*FORM, "household_number"]}, "form", f"certificate.{HOUSEHOLD}.household_number"),
        ({"form": [*FORM, "marital_status"]}, "form", "data_item.marriage-registration.marital_status"),
        ({"form": [*FORM, "dog_name"]}, "form", "asked for once"),
        ({"asked_anyway": [{"field": "dog_name", "reason": PLAIN}]}, "asked_anyway", "somebody holds"),
        ({"asked_anyway": [{"field": "sex", "reason": PLAIN}]}, "asked_anyway", "somebody holds"),
    ],
)
def test_a_matter_does_not_ask_for_what_the_city_holds(changes: dict[str, Any], column: str, words: str) -> None:
    [(table, at, rule)] = broken(document(**changes))
    assert (table, at) == ("matters", column)
    assert words in rule


def test_a_matter_may_ask_anyway_when_it_says_why() -> None:
    matter, fields = dog(asked_anyway=[{"field": "applicant_phone", "reason": {"text": "联系代办人", "provenance": "illustrative"}}])
    form = form_of(matter, fields, None, "person")
    assert "applicant_phone" in form.typed
    (phone,) = [each for each in origins_of(form, matter) if each.name == "applicant_phone"]
    assert (phone.how, phone.reason, phone.path) == ("typed", "联系代办人", "identity.phone")
    with pytest.raises(ValidationError):
        dog(asked_anyway=[{"field": "applicant_phone"}])


def section(code: str, *fields: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "zh": "示例", "en": "Example", "fields": list(fields), **more}


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        ([section("all", *FORM[1:])], "applicant_name"),
        ([section("all", *FORM), section("more", "dog_name")], "dog_name"),
        ([section("all", *FORM, "reason")], "reason"),
        ([section("all", *FORM[1:]), section("all", FORM[0])], "a code of its own"),
        ([section("all", *FORM, optional=["reason"])], "the optional field reason"),
        ([section("all", *FORM, visible_when=["first"])], "first is a situation"),
    ],
)
def test_each_field_of_a_form_stands_in_exactly_one_section(layout: list[dict[str, Any]], words: str) -> None:
    [(_, column, rule)] = broken(document(layout=layout))
    assert column == "layout"
    assert words in rule


def test_a_matter_without_a_layout_has_a_section_for_each_group() -> None:
    matter, fields = dog()
    form = form_of(matter, fields, None, "person")
    assert [(each.code, each.fields) for each in form.sections] == [
        ("applicant", ["applicant_name", "applicant_id", "applicant_phone"]),
        ("address", ["address"]),
        ("animal", ["dog_name", "dog_breed", "dog_colour", "vaccinated_on"]),
    ]


def question(*options: dict[str, Any]) -> dict[str, Any]:
    return {"id": "which", "zh": "哪种情形", "en": "Which", "options": list(options)}


def situations(*given: dict[str, Any]) -> dict[str, Any]:
    options = [{"value": each["code"], "zh": "示例", "en": "Example", "situation": each["code"]} for each in given]
    said = [{"zh": "示例", "en": "Example", "provenance": "illustrative", **each} for each in given]
    return {"situations": {"questions": [question(*options)], "situations": said}}


RENEWAL = {"code": "renewal", "fields": ["applicant_name", "applicant_id", "dog_name", "vaccinated_on"], "materials": ["identity-card"]}


def test_a_situation_has_the_fields_and_materials_of_its_own() -> None:
    layout = [
        section("who", *FORM[:3]),
        section("dog", *FORM[4:], optional=["dog_colour"]),
        section("home", "address", visible_when=["first"]),
    ]
    matter, fields = dog(layout=layout, guiding=situations({"code": "first"}, RENEWAL))
    first, renewal = (form_of(matter, fields, situation_of(matter, code), "person") for code in ("first", "renewal"))
    assert set(first.required) == set(FORM) - {"dog_colour"}
    assert (first.uploads, first.is_quick) == (("vaccination-proof",), False)
    assert renewal.required == ("applicant_name", "applicant_id", "dog_name", "vaccinated_on")
    assert (renewal.typed, renewal.uploads, renewal.is_quick) == (("dog_name", "vaccinated_on"), (), True)
    assert quick_situations(matter, fields) == ["renewal"]
    with pytest.raises(NoSuchSituation):
        situation_of(matter, "no-such")


def test_what_claims_to_be_quick_and_is_not_is_refused() -> None:
    [(table, column, rule)] = [
        each for each in broken(document(guiding=situations({"code": "first", "is_quick": True}, RENEWAL))) if "快办" in each[2]
    ]
    assert (table, column) == ("matters", "guiding")
    assert "first" in rule
    assert "vaccination-proof" in rule
    assert not any("快办" in each[2] for each in broken(document(guiding=situations({"code": "first"}, {**RENEWAL, "is_quick": True}))))


def test_nine_typed_fields_are_too_many() -> None:
    names = ["dog_chip", "dog_name", "dog_breed", "dog_colour", "vaccinated_on", "address", "reason", "place"]
    for form, quick in ((names, [None]), ([*names, "email"], [])):
        matter, fields = dog(form=form, materials=[material(exemption="commitment")])
        assert quick_situations(matter, fields) == quick


@pytest.mark.parametrize(("applying", "typed"), [("person", {"company_name", "credit_code"}), ("organisation", {"applicant_phone", "sex"})])
def test_what_is_held_of_persons_is_not_held_of_organisations(applying: Applying, typed: set[str]) -> None:
    matter, fields = dog(form=["applicant_name", "applicant_phone", "sex", "company_name", "credit_code"], served=["person", "enterprise"])
    assert set(form_of(matter, fields, None, applying).typed) == typed


def test_intake_prefills_what_the_catalogue_says_it_does() -> None:
    assert HELD["person"] == set(OF_PERSONS)
    assert HELD["organisation"] == set(OF_ORGANISATIONS)


def test_a_certificate_of_an_organisation_is_still_uploaded() -> None:
    matter, fields = dog(materials=[material(exemption="certificate", certificate_type=CARD)], served=["enterprise"])
    assert quick_situations(matter, fields) == []
    assert form_of(matter, fields, None, "person").uploads == ()
    assert form_of(matter, fields, None, "organisation").uploads == ("card",)


def test_every_form_of_the_seed_is_a_schema_in_two_languages_that_can_be_filled_in() -> None:
    whole = catalogue()
    fields = {each.name: each for each in whole.fields}
    for matter in whole.matters:
        schema = schema_of(form_of(matter, [fields[name] for name in matter.form], None, "person"))
        Draft202012Validator.check_schema(schema)
        assert all(each["title"] and each["x-en"]["title"] for each in schema["properties"].values())
        assert list(Draft202012Validator(schema).iter_errors(filled_in(schema))) == [], matter.name


def test_every_field_of_the_dictionary_can_be_filled_in() -> None:
    whole = read(document(form=[each["name"] for each in seed.document()["fields"]]))
    form = form_of(whole.matters[0], whole.fields, None, "person")
    assert set(filled_in(schema_of(form))) == {each.name for each in whole.fields}


def test_sources_of_the_dictionary_exist() -> None:
    items = {
        each["code"]: {field["name"] for field in each["fields"]}
        for each in json.loads((seed.ROOT / "deploy" / "local" / "data_items.json").read_text())
    }
    for source in (each.source for each in read(document()).fields if each.source):
        if source.certificate_type:
            assert source.member in types()[source.certificate_type].fields["properties"], source.path
        if source.data_item:
            assert source.member in items[source.data_item], source.path


@pytest.mark.parametrize(
    "changes",
    [
        {"certificate_type": None},
        {"holder": "person", "member": "name"},
        {"holder": "person", "member": "shoe_size", "certificate_type": None},
        {"data_item": "marriage-registration"},
        {"holder": "data_item", "certificate_type": None},
    ],
)
def test_a_source_says_exactly_where(changes: dict[str, Any]) -> None:
    source = {"holder": "certificate", "member": "address", "certificate_type": CARD, "zh": "示例", "en": "Example"}
    field = {"name": "home", "zh": "家", "en": "Home", "value": {"type": "string"}}
    assert FormField.model_validate_json(json.dumps(field | {"source": source})).source is not None
    with pytest.raises(ValidationError):
        FormField.model_validate_json(json.dumps(field | {"source": source | changes}))


@pytest.mark.parametrize("path", sorted(OF_PERSONS | OF_ORGANISATIONS))
def test_a_source_of_before_is_read(path: str) -> None:
    field = {"name": "home", "zh": "家", "en": "Home", "value": {"type": "string"}, "source": path}
    source = FormField.model_validate_json(json.dumps(field)).source
    assert source is not None
    assert source.path == path
