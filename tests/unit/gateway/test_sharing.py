"""场景授权 and 数据共享核验 as rules: what is inside a scene, and by which name everything else is refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chassis.errors import ServiceError
from contracts.api.application import CaseStanding
from contracts.values import CaseNumber, CreditCode, DivisionCode, OfficerId, OrganisationId, PartyId, PersonId
from gateway.registry.domain import sharing
from gateway.registry.domain.data_items import DataItem, SupplierAddressIsNotAcceptable, check_address
from gateway.registry.domain.scenes import Grant, Known, SameOfficerMayNotAnswer, Scene, SceneDoesNotAwaitThis, SceneIsNotAcceptable, sides
from gateway.registry.domain.sharing import Call, Handler

AT = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
TODAY = date(2026, 11, 26)
CIVIL, LAND = CreditCode("11310000TE5T01350P"), CreditCode("11310000TE5T01422G")
CASE = CaseNumber("11310101TE5T010192431010190000020261124000017")
DOG, OTHER = "310101900000", "310101901000"
DISTRICT, PERSON, AGENT, ORGANISATION = PartyId.new(), PersonId.new(), PersonId.new(), OrganisationId.new()
ONE, TWO = OfficerId("qx-001"), OfficerId("qx-002")


def item(code: str = "marriage", **more: Any) -> DataItem:
    said = {
        "code": code, "version": 1, "name": "婚姻登记", "en": "Marriage", "owner": CIVIL, "owner_name": "示例·市民政局", "level": "city",
        "about": "person", "fields": ({"name": "status", "zh": "状况", "en": "status", "grade": 3}, {"name": "since", "zh": "日期", "en": "since", "grade": 4}),
        "sharing": "conditional", "modes": ("verify", "query"), "max_age_s": 3600, "refuses_stale": False, "quota_per_day": 10,
        "url": "https://data.example.cn/m", "result_name": "", "summary": "", "domain": "", "update_cycle": "", "quality_owner": "",
        "provenance": "illustrative", "published_at": AT, "state": "active",
    }  # fmt: skip
    return DataItem(**{**said, **more})


def scene(**more: Any) -> Scene:
    said = {
        "id": "s", "demander": DISTRICT, "demander_name": "区", "agency": None, "name": "n", "matters": (DOG,),
        "items": (Grant("marriage", "verify", ("status",)),), "certificate_types": (), "purpose": "p", "basis": "b",
        "provenance": "illustrative", "source": None, "daily_cap": 5, "valid_from": TODAY, "valid_to": TODAY + timedelta(days=9),
        "applied_by": ONE, "applied_at": AT, "reply_due_on": TODAY, "is_reply_due_provisional": False, "asked": (str(CIVIL),),
        "state": "approved",
    }  # fmt: skip
    return Scene(**{**said, **more})


def call(**more: Any) -> Call:
    return replace(Call("marriage", "verify", ("status",), CASE, DISTRICT), **more)


def rule(check: Callable[[], object]) -> str:
    with pytest.raises(ServiceError) as refused:
        check()
    problem = refused.value.problem
    assert problem.zh
    assert problem.en.isascii()
    return problem.code


@pytest.mark.parametrize(
    ("call_", "scene_", "day", "named"),
    [
        (call(), None, TODAY, "no-scene"),
        (call(party=PartyId.new()), scene(), TODAY, "no-scene"),
        (call(), scene(state="applied"), TODAY, "no-scene"),
        (call(), scene(state="refused"), TODAY, "no-scene"),
        (call(), scene(state="revoked"), TODAY, "scene-revoked"),
        (call(), scene(), TODAY + timedelta(days=10), "scene-expired"),
        (call(), scene(), TODAY - timedelta(days=1), "scene-expired"),
        (call(), scene(matters=(OTHER,)), TODAY, "matter-outside-scene"),
    ],
)
def test_a_call_outside_its_scene_is_refused_by_name(call_: Call, scene_: Scene | None, day: date, named: str) -> None:
    assert rule(lambda: sharing.check_scene(call_, scene_, day=day)) == named


@pytest.mark.parametrize(
    ("call_", "scene_", "item_", "negative", "named"),
    [
        (call(item="other"), scene(), item("other"), (), "item-outside-scene"),
        (call(), scene(), item(), ("marriage",), "negative-list"),
        (call(), scene(), item(state="retired"), (), "data-item-gone"),
        (call(), scene(), item(state="proposed"), (), "data-item-gone"),
        (call(), scene(), item(sharing="none"), (), "data-item-gone"),
        (call(), scene(), item(state="deprecated", sunset_at=AT), (), "data-item-gone"),
        (call(), scene(asked=("operator",)), item(), (), "item-outside-scene"),
        (call(mode="query"), scene(), item(), (), "verify-preferred"),
        (call(mode="query"), scene(), item(modes=("verify",)), (), "verify-preferred"),
        (call(), scene(), item(modes=("query",)), (), "mode-not-offered"),
        (call(fields=("status", "since")), scene(), item(), (), "field-outside-scene"),
        (call(fields=("status",)), scene(), item(fields=item().fields[1:]), (), "field-outside-scene"),
    ],
)
def test_an_item_outside_the_scene_is_refused_by_name(
    call_: Call, scene_: Scene, item_: DataItem, negative: tuple[str, ...], named: str
) -> None:
    assert rule(lambda: sharing.check_item(call_, scene_, item_, negative, at=AT)) == named


@pytest.mark.parametrize("level", ["national", "city", "district"])
def test_suppliers_of_every_level_are_peers(level: str) -> None:
    queries = scene(items=(Grant("marriage", "query", ("status",), "why"),))
    assert sharing.check_scene(call(), scene(), day=TODAY) == scene()
    for mode, known in (("verify", scene()), ("verify", queries), ("query", queries)):
        sharing.check_item(call(mode=mode), known, item(level=level), (), at=AT)


def standing(**more: Any) -> CaseStanding:
    said = {"is_alive": True, "agency": LAND, "division": DivisionCode("310101"), "person_id": PERSON}
    return CaseStanding(**{**said, **more})


@pytest.mark.parametrize(
    ("handler", "standing_", "named"),
    [
        (Handler("district", None, DivisionCode("310104")), standing(), "case-not-yours"),
        (Handler("district", LAND, None), standing(), "case-not-yours"),
        (Handler("department", CIVIL, DivisionCode("310101")), standing(), "case-not-yours"),
        (Handler("app", LAND, DivisionCode("310101")), standing(), "case-not-yours"),
        (Handler("district", None, DivisionCode("310101")), standing(is_alive=False), "case-not-alive"),
    ],
)
def test_only_who_handles_a_living_case_calls_for_it(handler: Handler, standing_: CaseStanding, named: str) -> None:
    assert rule(lambda: sharing.check_case(standing_, handler)) == named
    sharing.check_case(standing(), Handler("district", None, DivisionCode("310101")))
    sharing.check_case(standing(), Handler("department", LAND, None))


@pytest.mark.parametrize(
    ("standing_", "wanted", "about", "found"),
    [
        (standing(), None, "person", PERSON),
        (standing(), PERSON, "person", PERSON),
        (standing(submitted_by=AGENT), AGENT, "person", AGENT),
        (standing(submitted_by=AGENT), None, "person", PERSON),
        (standing(person_id=None, organisation_id=ORGANISATION, submitted_by=AGENT), None, "organisation", ORGANISATION),
        (standing(person_id=None, organisation_id=ORGANISATION, submitted_by=AGENT), AGENT, "person", AGENT),
        (standing(), PersonId.new(), "person", None),
        (standing(), None, "organisation", None),
        (standing(person_id=None, organisation_id=ORGANISATION, submitted_by=AGENT), None, "person", None),
    ],
    ids=[f"case {number}" for number in range(9)],
)
def test_a_subject_is_a_party_to_the_case(standing_: CaseStanding, wanted: PersonId | None, about: str, found: str | None) -> None:
    if found is None:
        assert rule(lambda: sharing.subject_in(standing_, wanted, about=about)) == "subject-not-in-case"
    else:
        assert sharing.subject_in(standing_, wanted, about=about) == found


def test_an_answer_says_whether_it_is_stale() -> None:
    assert not sharing.is_stale(item(), AT - timedelta(hours=1), at=AT)
    assert sharing.is_stale(item(), AT - timedelta(hours=1, seconds=1), at=AT)
    assert rule(lambda: sharing.is_stale(item(refuses_stale=True), AT - timedelta(hours=2), at=AT)) == "data-stale"
    assert rule(lambda: sharing.is_stale(item(), AT + timedelta(minutes=6), at=AT)) == "supplier-answer-not-valid"


# The life of a scene


def test_a_scene_is_in_force_when_all_sides_agree() -> None:
    applied = scene(state="applied", asked=(str(CIVIL), str(LAND), "operator"))
    for number, side in enumerate(applied.asked, 1):
        applied = applied.answered(side, "approve", None, party=PartyId.new(), by=ONE, at=AT, day=TODAY)
        assert applied.state == ("approved" if number == 3 else "applied")
    assert applied.awaits == ()


def test_one_refusal_refuses_a_scene() -> None:
    refused = scene(state="applied", asked=(str(CIVIL), "operator")).answered(
        "operator", "refuse", "why", party=PartyId.new(), by=ONE, at=AT, day=TODAY
    )
    assert (refused.state, refused.awaits, refused.approvals[0].reason) == ("refused", (), "why")


def test_nobody_answers_twice_for_another_side_or_too_late() -> None:
    applied = scene(state="applied", asked=(str(CIVIL), "operator"))
    once = applied.answered(str(CIVIL), "approve", None, party=PartyId.new(), by=TWO, at=AT, day=TODAY)
    for asked, side, day in (
        (once, str(CIVIL), TODAY), (applied, str(LAND), TODAY), (scene(), str(CIVIL), TODAY), (applied, "operator", TODAY + timedelta(days=10))
    ):  # fmt: skip
        with pytest.raises(SceneDoesNotAwaitThis):
            asked.answered(side, "approve", None, party=PartyId.new(), by=TWO, at=AT, day=day)


def test_an_applicant_does_not_answer_for_their_own_agency() -> None:
    applied = scene(state="applied")
    with pytest.raises(SameOfficerMayNotAnswer):
        applied.answered(str(CIVIL), "approve", None, party=DISTRICT, by=ONE, at=AT, day=TODAY)
    # The same number in another party is another person.
    assert applied.answered(str(CIVIL), "approve", None, party=PartyId.new(), by=ONE, at=AT, day=TODAY).state == "approved"


def test_a_scene_is_revoked_by_whom_it_concerns_and_once() -> None:
    for party, agency, is_operator in ((DISTRICT, None, False), (PartyId.new(), CIVIL, False), (PartyId.new(), None, True)):
        scene().check_may_end(party=party, agency=agency, is_operator=is_operator)
    with pytest.raises(ServiceError):
        scene().check_may_end(party=PartyId.new(), agency=LAND, is_operator=False)
    revoked = scene().revoked("why", by=TWO, at=AT, day=TODAY)
    assert (revoked.state, revoked.revoked_by, revoked.revoked_for) == ("revoked", TWO, "why")
    assert rule(lambda: revoked.revoked("why", by=TWO, at=AT, day=TODAY)) == "scene-not-in-force"


KNOWN = Known(
    {"marriage": item(), "open": item("open", sharing="unconditional", owner=LAND)},
    frozenset({"listed"}),
    {"T1": "conditional", "T2": "none"},
)


@pytest.mark.parametrize(
    ("grants", "types", "asked"),
    [
        ((Grant("marriage", "verify", ("status",)),), (), (str(CIVIL),)),
        ((Grant("open", "verify", ("status",)),), (), ("operator",)),
        ((Grant("marriage", "verify", ("status",)), Grant("open", "query", ("since",), "why")), (), (str(CIVIL), "operator")),
        ((), ("T1",), ("operator",)),
    ],
)
def test_who_must_agree_follows_from_the_sharing_class(grants: tuple[Grant, ...], types: tuple[str, ...], asked: tuple[str, ...]) -> None:
    assert sides(grants, types, KNOWN, at=AT) == asked


@pytest.mark.parametrize(
    ("grant", "broken"),
    [
        (Grant("listed", "verify", ("status",)), "negative-list"),
        (Grant("unknown", "verify", ("status",)), "item-not-in-use"),
        (Grant("marriage", "verify", ("salary",)), "field-not-offered"),
        (Grant("marriage", "query", ("status",)), "verify-preferred"),
    ],
)
def test_what_cannot_be_authorised_is_named(grant: Grant, broken: str) -> None:
    with pytest.raises(SceneIsNotAcceptable) as refused:
        sides((grant,), ("T2",), KNOWN, at=AT)
    assert {each["rule"] for each in refused.value.extensions["errors"]} == {broken, "certificate-type-not-shared"}


# Where a supplier may be


@pytest.mark.parametrize(
    "url",
    [
        "http://data.example.cn/x", "https://data.example.cn:8443/x", "https://user@data.example.cn/x", "https://data.example.cn/x?y=1",
        "https://data.example.cn/x#y", "https://10.0.0.1/x", "https://127.0.0.1/x", "https://[::1]/x", "https://[::ffff:10.0.0.1]/x",
        "https://127.1/x", "https://2130706433/x", "https://0x7f.0.0.1/x", "https://0x7f000001/x", "https://localhost/x", "https://intranet/x",
        "https://db.internal/x", "https://printer.local/x", "ftp://data.example.cn/x", "https:///x", "http://127.0.0.1:8095/x", "https://data.example.cn:x/",
        "https://10.0.0.1./x",
    ],
)  # fmt: skip
def test_a_supplier_inside_or_in_the_clear_is_refused(url: str) -> None:
    with pytest.raises(SupplierAddressIsNotAcceptable):
        check_address(url, may_be_loopback=False)


def test_a_supplier_has_a_name_of_the_internet_or_on_one_machine_a_loopback_address() -> None:
    check_address("https://data.example.cn/marriage", may_be_loopback=False)
    for url in ("http://127.0.0.1:8095/marriage", "http://[::1]:8095/m"):
        check_address(url, may_be_loopback=True)
    for url in ("http://localhost:8095/m", "http://10.0.0.1/m", "http://data.example.cn/m"):
        with pytest.raises(SupplierAddressIsNotAcceptable):
            check_address(url, may_be_loopback=True)
