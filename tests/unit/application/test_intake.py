from typing import Any

import pytest

from contracts.api.application import GivenMaterial
from contracts.values import FileId
from services.application.domain.intake import (
    CorrectionIsNotAsAsked,
    FileIsNotAcceptable,
    MaterialsNotValid,
    ValueIsHeld,
    ValuesNotValid,
    check_correction,
    check_file,
    check_materials,
    check_notice,
    corrected,
    filled,
)
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
    check_correction(["vaccination-proof"], definition.materials, [by_file("vaccination-proof")])
    for materials in ([], [by_file("identity-card")], [by_file("vaccination-proof"), by_file("identity-card")]):
        with pytest.raises(CorrectionIsNotAsAsked):
            check_correction(["vaccination-proof"], definition.materials, materials)
    with pytest.raises(MaterialsNotValid):
        check_correction(["vaccination-proof"], definition.materials, [by_commitment("vaccination-proof")])


def test_a_notice_asks_only_for_what_the_matter_asks_for() -> None:
    check_notice(cases.definition(), ["vaccination-proof"], ["address"])
    with pytest.raises(MaterialsNotValid):
        check_notice(cases.definition(), ["passport"], [])
    with pytest.raises(MaterialsNotValid):
        check_notice(cases.definition(), [], ["colour"])


@pytest.mark.parametrize(
    ("media_type", "content"),
    [("image/gif", b"GIF89a"), ("image/png", b"%PDF-1.7"), ("application/pdf", b"MZ"), ("", b""), ("text/html", b"<html>")],
)
def test_a_file_is_what_its_type_says(media_type: str, content: bytes) -> None:
    check_file("image/png", cases.PNG)
    with pytest.raises(FileIsNotAcceptable):
        check_file(media_type, content)
