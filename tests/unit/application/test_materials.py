"""How materials are given, why what the city holds may be uploaded all the same, and what a newer form asks otherwise."""

from datetime import date, timedelta
from typing import Any

import pytest

from chassis.working_days import known
from contracts.api.application import GivenMaterial
from contracts.api.catalogue import Channel, Definition
from contracts.values import CaseNumber, FileId
from services.application.domain.changes import changed
from services.application.domain.channels import channel_of, is_prereviewed
from services.application.domain.intake import MaterialsNotValid, ValuesNotValid, check_materials, filled
from services.application.domain.materials import (
    CaseMaterial,
    FilesTooLarge,
    FormatNotAsked,
    Held,
    MaterialIsHeld,
    MaterialNotOwed,
    SourceIsNotDown,
    StoredFile,
    Way,
    check_files,
    check_owed,
    claimed_down,
    got_by_the_city,
    kept,
    reasons,
)
from services.application.queries.forms import form
from services.application.queries.materials import owed, waivers
from tests.support import cases
from tests.support.clock import TODAY

FILE = FileId.new()
HOLDS = Held({cases.CARD_ID: cases.CARD})
NOTHING = Held({})
AWAY = Held({}, is_away=True)


def given(code: str, **how: Any) -> GivenMaterial:
    return GivenMaterial.model_validate({"code": code, **how})


def uploaded(code: str, because: str | None = None) -> GivenMaterial:
    return GivenMaterial.model_validate({"code": code, "file_id": FILE, **({"because": because} if because else {})})


def matter() -> Definition:
    """The dog licence, whose proof of vaccination may follow within five working days."""
    plain = cases.definition()
    late = cases.material("vaccination-proof", deferrable_days=5, formats=["pdf"])
    return plain.model_copy(update={"materials": [late if each.code == late.code else each for each in plain.materials]})


@pytest.mark.parametrize(
    ("material", "held", "outages", "reason"),
    [
        (uploaded("identity-card"), NOTHING, {}, None),
        (uploaded("identity-card", "holder_prefers"), HOLDS, {}, ("holder_prefers", None)),
        (uploaded("identity-card", "source_down"), HOLDS, {"certificate": "seen"}, ("source_down", "seen")),
        (uploaded("identity-card"), AWAY, {}, ("source_down", "intake asked and got no answer")),
        (uploaded("household", "holder_prefers"), NOTHING, {}, ("holder_prefers", None)),
        (uploaded("household", "source_down"), NOTHING, {"material.household": "seen"}, ("source_down", "seen")),
        (uploaded("vaccination-proof"), HOLDS, {}, None),
        (uploaded("vaccination-proof", "holder_prefers"), HOLDS, {}, None),
    ],
)
def test_an_upload_of_what_the_city_holds_is_kept_with_its_reason(
    material: GivenMaterial, held: Held, outages: dict[str, str], reason: tuple[str, str | None] | None
) -> None:
    assert reasons(matter(), [material], held, outages).get(material.code) == reason


def test_an_upload_of_what_the_city_holds_needs_a_reason_and_a_true_one() -> None:
    with pytest.raises(MaterialIsHeld) as unreasoned:
        reasons(matter(), [uploaded("identity-card")], HOLDS, {"certificate": "seen, and not claimed"})
    assert unreasoned.value.extensions == {"materials": ["identity-card"]}
    for code in ("identity-card", "household"):
        with pytest.raises(SourceIsNotDown) as refusal:
            reasons(matter(), [uploaded(code, "source_down")], HOLDS, {})
        assert refusal.value.extensions == {"materials": [code]}


def test_the_sources_that_are_said_to_be_down_are_looked_up() -> None:
    said = [uploaded("identity-card", "source_down"), uploaded("household", "source_down"), uploaded("vaccination-proof")]
    assert claimed_down(matter(), said) == {"certificate", "material.household"}


def test_what_the_city_gets_is_uploaded_with_a_reason_alone() -> None:
    rest = [uploaded("identity-card"), uploaded("vaccination-proof")]
    check_materials(matter().materials, [*rest, uploaded("household", "holder_prefers")])
    with pytest.raises(MaterialsNotValid) as refusal:
        check_materials(matter().materials, [*rest, uploaded("household")])
    assert [each["rule"] for each in refusal.value.extensions["errors"]] == ["got-by-the-city"]


def test_only_what_the_matter_lets_follow_is_deferred() -> None:
    check_materials(matter().materials, [uploaded("identity-card"), given("vaccination-proof", deferred=True)])
    with pytest.raises(MaterialsNotValid) as refusal:
        check_materials(matter().materials, [given("identity-card", deferred=True), uploaded("vaccination-proof")])
    assert [(each["material"], each["rule"]) for each in refusal.value.extensions["errors"]] == [("identity-card", "not-deferrable")]


def test_every_material_is_kept_as_it_is_given_and_what_is_owed_has_its_day() -> None:
    day = date(2026, 9, 30)
    said = [given("vaccination-proof", deferred=True), given("home-proof", commitment=True), uploaded("identity-card")]
    found = [
        *kept(matter(), said, [], {"identity-card": ("holder_prefers", None)}, day=day, calendar=known()),
        *got_by_the_city(matter(), said),
    ]
    assert [(each.code, each.way, each.reason) for each in found] == [
        ("vaccination-proof", Way.DEFERRED, None),
        ("home-proof", Way.COMMITMENT, None),
        ("identity-card", Way.FILE, "holder_prefers"),
        ("household", Way.DATA_CHECK, None),
    ]
    [missing] = owed(found, date(2026, 10, 14))
    # Five working days after the holidays of the first week of October, of which Saturday the 10th is one.
    assert (missing.code, missing.due_on, missing.is_overdue) == ("vaccination-proof", date(2026, 10, 13), True)
    assert [each.is_overdue for each in owed(found, date(2026, 10, 13))] == [False]


def test_waivers_are_counted_by_way_among_what_was_required() -> None:
    def one(code: str, way: Way, *, is_required: bool = True, issued_by: str = "government") -> CaseMaterial:
        return CaseMaterial(code, code, way=way, is_required=is_required, issued_by=issued_by)

    found = waivers(
        CaseNumber(f"{cases.TASK}20261124000001"),
        [
            one("a", Way.CERTIFICATE),
            one("b", Way.DATA_CHECK),
            one("c", Way.COMMITMENT, issued_by="other"),
            one("d", Way.FILE),
            one("e", Way.DEFERRED, issued_by="applicant"),
            one("f", Way.AGENCY_HELP),
            one("g", Way.CERTIFICATE, is_required=False),
        ],
    )
    assert found.all.model_dump() == {"required": 6, "waived": 4, "certificate": 1, "data_check": 1, "commitment": 1, "agency_help": 1}
    assert (found.government.required, found.government.waived) == (4, 3)


def test_files_of_a_case_are_bounded_together_and_are_of_the_kind_that_is_asked_for() -> None:
    said = [uploaded("vaccination-proof")]
    check_files(matter(), said, {FILE: StoredFile("application/pdf", 10)}, limit_bytes=10)
    with pytest.raises(FilesTooLarge):
        check_files(matter(), said, {FILE: StoredFile("application/pdf", 11)}, limit_bytes=10)
    with pytest.raises(FormatNotAsked) as refusal:
        check_files(matter(), said, {FILE: StoredFile("image/png", 1)}, limit_bytes=10)
    assert refusal.value.extensions == {"materials": [{"material": "vaccination-proof", "formats": ["pdf"]}]}


def test_only_what_is_owed_is_supplied_and_once() -> None:
    is_owed = CaseMaterial("vaccination-proof", "疫苗", way=Way.DEFERRED)
    there = CaseMaterial("identity-card", "身份证", way=Way.FILE)
    check_owed([is_owed, there], [uploaded("vaccination-proof")])
    for said in ([uploaded("identity-card")], [uploaded("passport")], [uploaded("vaccination-proof")] * 2):
        with pytest.raises(MaterialNotOwed):
            check_owed([is_owed, there], said)


def test_a_newer_form_is_told_by_what_it_asks_otherwise() -> None:
    before = cases.definition()
    properties = {name: said for name, said in before.form_schema["properties"].items() if name != "dog_name"}
    properties["address"] = {"type": "string", "maxLength": 100}
    properties["chip"] = {"type": "string"}
    materials = [cases.material("vaccination-proof", is_required=False), *before.materials[2:], cases.material("photo")]
    after = cases.definition(version=2, form_schema={**before.form_schema, "properties": properties}, materials=materials)
    assert changed(before, after).model_dump() == {
        "version": 2,
        "fields_added": ["chip"],
        "fields_removed": ["dog_name"],
        "fields_changed": ["address"],
        "materials_added": ["photo"],
        "materials_removed": ["identity-card"],
        "materials_changed": ["vaccination-proof"],
    }


CHANNELS: tuple[Channel, ...] = ("pc", "mobile", "kiosk", "window", "post")
VALUES = {"dog_name": "阿黄", "address": "示例路 1 号"}


def ageing(days: int) -> Definition:
    return cases.definition(field_max_age_days={"applicant_name": days, "applicant_id": days}, basis="《示例条例》第一条")


def test_a_prefilled_field_says_its_source_its_age_and_until_when_it_may_be_used() -> None:
    later = TODAY + timedelta(days=3)
    fields = {each.name: each for each in form(ageing(30), cases.profile(), [], at=later).fields}
    name = fields["applicant_name"]
    assert (name.source, name.at, name.age_days, name.is_stale) == ("population-base", TODAY, 3, False)
    assert name.valid_until == TODAY + timedelta(days=30)
    assert fields["dog_name"].age_days is None
    asked_each_time = {each.name: each for each in form(cases.definition(), cases.profile(), [], at=later).fields}["applicant_name"]
    assert (asked_each_time.valid_until, asked_each_time.is_stale) == (None, False)


def test_a_value_is_good_until_its_last_moment_and_then_it_is_asked_anew() -> None:
    last = TODAY + timedelta(days=30)
    good = {each.name: each for each in filled(ageing(30), VALUES, cases.profile(), at=last)}
    assert (good["applicant_name"].source, good["applicant_name"].basis) == ("population-base", "《示例条例》第一条")
    assert good["dog_name"].basis is None
    after = last + timedelta(microseconds=1)
    assert {each.is_stale for each in form(ageing(30), cases.profile(), [], at=after).fields if each.value} == {True}
    with pytest.raises(ValuesNotValid) as refusal:
        filled(ageing(30), VALUES, cases.profile(), at=after)
    assert {each["field"] for each in refusal.value.extensions["errors"]} == {"applicant_name", "applicant_id"}
    anew = {"applicant_name": "示例·甲一改", "applicant_id": "31999919900515001X"}
    said = {each.name: each for each in filled(ageing(30), {**VALUES, **anew}, cases.profile(), at=after)}
    assert (said["applicant_name"].value, said["applicant_name"].source, said["applicant_name"].at) == ("示例·甲一改", "applicant", after)


def test_whoever_repeats_a_mask_has_not_said_the_value_anew() -> None:
    after = TODAY + timedelta(days=31)
    masked = {"applicant_name": "示例·甲一", "applicant_id": "319***********001X"}
    with pytest.raises(ValuesNotValid) as refusal:
        filled(ageing(30), {**VALUES, **masked}, cases.profile(), at=after)
    assert refusal.value.extensions == {"errors": [{"field": "applicant_id", "rule": "said-anew"}]}


@pytest.mark.parametrize(
    ("code", "channel"),
    [("portal", "pc"), ("", "pc"), ("app", "mobile"), ("miniprogram", "mobile"), ("kiosk", "kiosk"), ("window", "window")],
)
def test_the_channel_of_the_gateway_is_one_of_the_catalogue(code: str, channel: str) -> None:
    assert channel_of(code) == channel


def test_only_what_comes_online_is_prereviewed_and_only_where_the_matter_has_points() -> None:
    with_points = cases.definition(is_prereviewed=True)
    assert [each for each in CHANNELS if is_prereviewed(with_points, each)] == ["pc", "mobile", "kiosk"]
    assert not is_prereviewed(cases.definition(), "pc")
