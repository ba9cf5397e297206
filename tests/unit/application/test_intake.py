from datetime import timedelta
from typing import Any

import pytest

from chassis.working_days import local_day
from contracts.api.application import GivenMaterial
from contracts.api.catalogue import Definition
from contracts.values import CaseNumber, FileId
from services.application.domain.intake import (
    CorrectionIsNotAsAsked,
    FieldValue,
    MaterialsNotValid,
    ResultIsNotValid,
    ValueIsHeld,
    ValuesNotValid,
    check_corrected_materials,
    check_materials,
    check_notice,
    corrected,
    filled,
    result_of,
)
from services.application.domain.materials import CaseMaterial, CertificateCopy
from services.application.domain.obtained import obtained
from tests.support import cases
from tests.support.clock import TODAY

GIVEN = {"dog_name": "阿黄", "address": "示例路 1 号"}
FILE = FileId.new()


def by_file(code: str) -> GivenMaterial:
    return GivenMaterial(code=code, file_id=FILE)


def by_certificate(code: str) -> GivenMaterial:
    return GivenMaterial.model_validate(
        {"code": code, "certificate": {"certificate_id": cases.CARD_ID, "purpose": "办理", "consent": True}}
    )


def by_commitment(code: str) -> GivenMaterial:
    return GivenMaterial(code=code, commitment=True)


def test_vouched_values_come_from_their_source_and_say_so() -> None:
    values = {each.name: each for each in filled(cases.definition(), GIVEN, cases.profile(), at=TODAY)}
    assert (values["applicant_name"].value, values["applicant_name"].source) == ("示例·甲一", "population-base")
    assert (values["dog_name"].value, values["dog_name"].source, values["dog_name"].title) == ("阿黄", "applicant", "犬名")
    assert set(values) == {"applicant_name", "applicant_id", "dog_name", "address"}


def test_repeating_a_vouched_value_is_fine_and_changing_it_is_not() -> None:
    filled(cases.definition(), {**GIVEN, "applicant_name": "示例·甲一"}, cases.profile(), at=TODAY)
    with pytest.raises(ValueIsHeld) as refusal:
        filled(cases.definition(), {**GIVEN, "applicant_name": "示例·乙二"}, cases.profile(), at=TODAY)
    assert refusal.value.extensions == {"fields": ["applicant_name"]}


@pytest.mark.parametrize(
    ("given", "field", "rule"),
    [
        ({"dog_name": "阿黄"}, "address", "required"),
        ({**GIVEN, "dog_name": ""}, "dog_name", "minLength"),
        ({**GIVEN, "dog_name": 7}, "dog_name", "type"),
        ({**GIVEN, "colour": "黄"}, "colour", "additionalProperties"),
        ({**GIVEN, "address": "长" * 201}, "address", "maxLength"),
    ],
)
def test_a_form_that_does_not_fit_names_field_and_rule_and_no_value(given: dict[str, Any], field: str, rule: str) -> None:
    with pytest.raises(ValuesNotValid) as refusal:
        filled(cases.definition(), given, cases.profile(), at=TODAY)
    assert refusal.value.extensions == {"errors": [{"field": field, "rule": rule}]}


@pytest.mark.parametrize(
    "given",
    [
        [by_certificate("identity-card"), by_file("vaccination-proof")],
        [by_file("identity-card"), by_file("vaccination-proof"), by_commitment("home-proof")],
        [by_file("identity-card"), by_file("vaccination-proof"), by_file("home-proof")],
    ],
)
def test_a_held_certificate_may_be_used_or_refused_for_an_upload(given: list[GivenMaterial]) -> None:
    check_materials(cases.definition().materials, given)


@pytest.mark.parametrize(
    ("given", "material"),
    [
        ([by_certificate("identity-card")], "vaccination-proof"),
        ([by_file("vaccination-proof")], "identity-card"),
        ([by_file("identity-card"), by_file("vaccination-proof"), by_file("passport")], "passport"),
        ([by_file("identity-card"), by_file("identity-card"), by_file("vaccination-proof")], "identity-card"),
        ([by_file("identity-card"), by_certificate("vaccination-proof")], "vaccination-proof"),
        ([by_file("identity-card"), by_commitment("vaccination-proof")], "vaccination-proof"),
        ([by_file("identity-card"), by_file("vaccination-proof"), by_file("household")], "household"),
    ],
)
def test_materials_are_given_as_the_matter_asks(given: list[GivenMaterial], material: str) -> None:
    with pytest.raises(MaterialsNotValid) as refusal:
        check_materials(cases.definition().materials, given)
    assert [error["material"] for error in refusal.value.extensions["errors"]] == [material]


def test_a_correction_answers_the_notice_and_nothing_else() -> None:
    definition = cases.definition()
    values = filled(definition, GIVEN, cases.profile(), at=TODAY)
    fixed = corrected(values, definition, {"address": "示例路 2 号"}, asked=["address"], at=TODAY)
    assert {each.name: each.value for each in fixed}["address"] == "示例路 2 号"
    for given in ({}, {"dog_name": "阿黑"}, {"address": "示例路 2 号", "dog_name": "阿黑"}):
        with pytest.raises(CorrectionIsNotAsAsked):
            corrected(values, definition, given, asked=["address"], at=TODAY)
    with pytest.raises(ValueIsHeld):
        corrected(values, definition, {"applicant_name": "示例·乙二"}, asked=["applicant_name"], at=TODAY)
    check_corrected_materials(["vaccination-proof"], definition.materials, [by_file("vaccination-proof")])
    for materials in ([], [by_file("identity-card")], [by_file("vaccination-proof"), by_file("identity-card")]):
        with pytest.raises(CorrectionIsNotAsAsked):
            check_corrected_materials(["vaccination-proof"], definition.materials, materials)
    with pytest.raises(MaterialsNotValid):
        check_corrected_materials(["vaccination-proof"], definition.materials, [by_commitment("vaccination-proof")])


def test_a_corrected_form_keeps_its_order_and_who_vouches_for_what() -> None:
    definition = cases.definition()
    values = filled(definition, GIVEN, cases.profile(), at=TODAY)
    given = {"address": "示例路 2 号", "applicant_name": "示例·甲一"}
    later = TODAY + timedelta(days=1)
    fixed = corrected(values, definition, given, asked=list(given), at=later)
    assert [each.name for each in fixed] == [each.name for each in values]
    said = {each.name: (each.value, each.source, each.at) for each in fixed}
    assert said["applicant_name"] == ("示例·甲一", "population-base", TODAY)
    assert said["address"] == ("示例路 2 号", "applicant", later)


def test_a_format_that_a_form_names_is_kept() -> None:
    definition = cases.definition()
    definition.form_schema["properties"]["dog_name"] = {"type": "string", "format": "date"}
    filled(definition, {**GIVEN, "dog_name": "2026-11-30"}, cases.profile(), at=TODAY)
    with pytest.raises(ValuesNotValid) as refusal:
        filled(definition, {**GIVEN, "dog_name": "2026-11-31"}, cases.profile(), at=TODAY)
    assert refusal.value.extensions == {"errors": [{"field": "dog_name", "rule": "format"}]}


@pytest.mark.parametrize(
    ("materials", "fields", "rule"),
    [
        (["passport"], [], "not-asked-for"),
        (["household"], [], "got-by-the-city"),
        (["vaccination-proof", "vaccination-proof"], [], "asked-twice"),
        ([], ["colour"], "no-such-field"),
        ([], ["applicant_name"], "vouched-for"),
        ([], ["address", "address"], "asked-twice"),
    ],
)
def test_a_notice_asks_once_for_what_the_applicant_can_supply(materials: list[str], fields: list[str], rule: str) -> None:
    """There is one notice a case: what cannot be answered would leave the case waiting for ever."""
    definition = cases.definition()
    values = filled(definition, GIVEN, cases.profile(), at=TODAY)
    check_notice(definition, values, ["vaccination-proof"], ["address"])
    with pytest.raises(MaterialsNotValid) as refusal:
        check_notice(definition, values, materials, fields)
    [error] = refusal.value.extensions["errors"]
    assert error["rule"] == rule
    assert error["zh"] != error["en"]


def test_a_result_adds_to_the_form_and_does_not_change_it() -> None:
    values = filled(cases.definition(), GIVEN, cases.profile(), at=TODAY)
    said = result_of(values, {"dog_breed": "中华田园犬", "dog_name": "阿黄"})
    assert (said["dog_breed"], said["dog_name"], said["applicant_name"]) == ("中华田园犬", "阿黄", "示例·甲一")
    with pytest.raises(ResultIsNotValid) as refusal:
        result_of(values, {"applicant_id": "31999919900515002X"})
    assert [error["field"] for error in refusal.value.extensions["errors"]] == ["applicant_id"]


def test_what_merely_equals_a_value_of_the_form_does_not_take_its_place() -> None:
    form = (FieldValue("is_neutered", "已绝育", True, "applicant", TODAY),)
    assert result_of(form, {"is_neutered": 1})["is_neutered"] is True


SOURCED = {
    "applicant_name": "identity.name",
    "applicant_id": "identity.resident_id",
    "registered_address": f"certificate.{cases.CARD}.address",
    "marital_status": "data_item.marriage-registration.marital_status",
    "case_number": "case.number",
    "submitted_on": "case.submitted_on",
}


def obtaining() -> Definition:
    """The dog licence, with fields that the case gets by itself."""
    plain = cases.definition()
    properties = plain.form_schema["properties"] | {name: {"type": "string", "maxLength": 60} for name in list(SOURCED)[2:]}
    return cases.definition(
        form_schema=plain.form_schema | {"properties": properties},
        field_sources=SOURCED,
        field_titles=plain.field_titles | {name: name for name in list(SOURCED)[2:]},
    )


def card(content: dict[str, Any]) -> CaseMaterial:
    copy = CertificateCopy(cases.CARD_ID, cases.CARD_IDENTIFIER, content, "此件仅供办理本件使用", "A")
    return CaseMaterial("identity-card", "身份证", copy=copy)


def test_what_certificates_and_the_case_say_is_not_typed() -> None:
    number = CaseNumber(f"{cases.TASK}20261124000001")
    found = obtained(obtaining(), number, [card({"address": "示例路 1 号", "name": "示例·甲一"})], at=TODAY)
    assert {each.name: (each.value, each.source) for each in found} == {
        "registered_address": ("示例路 1 号", cases.CARD_IDENTIFIER),
        "case_number": (number, "case"),
        "submitted_on": (local_day(TODAY).isoformat(), "case"),
    }


@pytest.mark.parametrize("content", [{}, {"address": ["示例路 1 号"]}, {"address": "长" * 61}])
def test_what_a_certificate_says_in_another_way_is_left_to_the_agency(content: dict[str, Any]) -> None:
    found = obtained(obtaining(), CaseNumber(f"{cases.TASK}20261124000001"), [card(content)], at=TODAY)
    assert {each.name for each in found} == {"case_number", "submitted_on"}


@pytest.mark.parametrize("name", list(SOURCED)[2:])
def test_what_the_case_gets_by_itself_is_neither_needed_nor_taken_from_the_applicant(name: str) -> None:
    assert name not in {each.name for each in filled(obtaining(), GIVEN, cases.profile(), at=TODAY)}
    with pytest.raises(ValueIsHeld) as refusal:
        filled(obtaining(), {**GIVEN, name: "示例"}, cases.profile(), at=TODAY)
    assert refusal.value.extensions == {"fields": [name]}
    with pytest.raises(MaterialsNotValid) as unasked:
        check_notice(obtaining(), filled(obtaining(), GIVEN, cases.profile(), at=TODAY), [], [name])
    assert [each["rule"] for each in unasked.value.extensions["errors"]] == ["obtained"]
