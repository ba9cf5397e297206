"""A party's life: every step from every state, by the right officer, also when it is asked for twice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.errors import Conflict
from contracts.values import OfficerId, PartyId
from gateway.registry.domain.keys import PRODUCTION, SANDBOX, KeyIsKnown, KeyIsNotAcceptable, NoSuchKey, key_of
from gateway.registry.domain.parties import (
    ACTIVE,
    APPLIED,
    EXPIRED,
    SUSPENDED,
    TESTING,
    TRANSITIONS,
    WITHDRAWN,
    DutiesAreNotApart,
    Party,
    PartyHasNoProductionKey,
    PartyIsNotInUse,
    SameOfficerMayNotApprove,
)
from gateway.registry.domain.parties_terms import Terms, WidensAccess
from tests.unit.gateway.keys import public

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
FIRST, SECOND = OfficerId("op-001"), OfficerId("op-002")
STATES = (APPLIED, TESTING, ACTIVE, SUSPENDED, EXPIRED, WITHDRAWN)
STEPS: dict[str, Callable[[Party], Party]] = {
    "approve": lambda p: p.approve(by=SECOND, at=LATER),
    "open_production": lambda p: p.open_production(by=SECOND, at=LATER),
    "suspend": lambda p: p.suspend("密钥泄露", by=SECOND, at=LATER),
    "resume": lambda p: p.resume(at=LATER),
    "lapse": lambda p: p.lapse(at=LATER),
    "renew": lambda p: p.renew(LATER + timedelta(days=365), at=LATER),
    "withdraw": lambda p: p.withdraw("不再使用", by=SECOND, at=LATER),
}


def party(status: str = APPLIED, **more: Any) -> Party:
    keys = (key_of(public("a"), SANDBOX, at=NOW), key_of(public("b"), PRODUCTION, at=NOW))
    opened = {"production_at": NOW, "production_by": OfficerId("op-004")} if status == ACTIVE else {}
    return Party(PartyId.new(), "示例", "district", status, NOW, keys, applied_by=FIRST, **opened, **more)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("status", STATES)
def test_a_step_leads_from_the_states_it_may_and_from_no_other(step: str, status: str) -> None:
    if status in TRANSITIONS[step]:
        assert STEPS[step](party(status)).changed_at == LATER
    else:
        with pytest.raises(Conflict):
            STEPS[step](party(status))


def test_every_transition_is_tried() -> None:
    assert STEPS.keys() == TRANSITIONS.keys()


def test_from_an_application_to_production() -> None:
    applied = party()
    assert (applied.status, applied.environment) == (APPLIED, SANDBOX)
    testing = STEPS["approve"](applied)
    assert (testing.status, testing.environment, testing.approved_by) == (TESTING, SANDBOX, SECOND)
    active = STEPS["open_production"](testing)
    assert (active.status, active.environment, active.production_by, active.production_at) == (ACTIVE, PRODUCTION, SECOND, LATER)


@pytest.mark.parametrize("step", ["approve", "open_production"])
def test_who_applied_opens_nothing(step: str) -> None:
    known = party(APPLIED if step == "approve" else TESTING)
    with pytest.raises(SameOfficerMayNotApprove):
        {"approve": known.approve, "open_production": known.open_production}[step](by=FIRST, at=LATER)


@pytest.mark.parametrize("step", ["approve", "open_production", "suspend", "withdraw"])
def test_the_same_step_by_the_same_officer_again_changes_nothing(step: str) -> None:
    before = {"approve": APPLIED, "open_production": TESTING, "suspend": ACTIVE, "withdraw": ACTIVE}[step]
    once = STEPS[step](party(before))
    assert STEPS[step](once) is once


def test_another_officer_or_another_reason_is_another_step() -> None:
    suspended = STEPS["suspend"](party(ACTIVE))
    with pytest.raises(PartyIsNotInUse):
        suspended.suspend("密钥泄露", by=FIRST, at=LATER)
    with pytest.raises(PartyIsNotInUse):
        suspended.suspend("其他", by=SECOND, at=LATER)


def test_production_needs_a_key_of_production_that_holds() -> None:
    testing = party(TESTING)
    [_, production] = testing.keys
    without = replace(testing, keys=(testing.keys[0],))
    with pytest.raises(PartyHasNoProductionKey):
        without.open_production(by=SECOND, at=LATER)
    with pytest.raises(PartyHasNoProductionKey):
        testing.without_key(production.kid, by=SECOND, at=LATER).open_production(by=SECOND, at=LATER)


@pytest.mark.parametrize("status", [TESTING, ACTIVE])
def test_a_suspended_party_returns_to_where_it_was(status: str) -> None:
    resumed = STEPS["resume"](STEPS["suspend"](party(status)))
    assert (resumed.status, resumed.suspended_by, resumed.suspended_for) == (status, None, None)


@pytest.mark.parametrize("status", [TESTING, ACTIVE])
def test_an_expired_party_returns_to_where_it_was_also_by_way_of_a_suspension(status: str) -> None:
    expired = STEPS["lapse"](party(status))
    assert STEPS["renew"](expired).status == status
    resumed = STEPS["resume"](STEPS["suspend"](expired))
    assert (resumed.status, resumed.environment) == (status, PRODUCTION if status == ACTIVE else SANDBOX)


def test_a_party_is_over_on_its_day_and_only_while_it_is_in_use() -> None:
    terms = Terms(expires_at=LATER)
    assert not party(ACTIVE, terms=terms).is_over(LATER - timedelta(microseconds=1))
    assert party(ACTIVE, terms=terms).is_over(LATER)
    assert not party(SUSPENDED, terms=terms).is_over(LATER)
    assert not party(ACTIVE).is_over(LATER)


def test_terms_are_narrowed_at_once_and_widened_only_by_another_way() -> None:
    known = party(ACTIVE)
    narrow = replace(known.terms, per_second=1.0)
    assert known.restrict(narrow, at=LATER).terms == narrow
    assert known.restrict(known.terms, at=LATER) is known
    with pytest.raises(WidensAccess, match="burst"):
        known.restrict(replace(known.terms, burst=401), at=LATER)
    with pytest.raises(PartyIsNotInUse):
        party(WITHDRAWN).restrict(narrow, at=LATER)


def console() -> Party:
    return replace(party(ACTIVE), kind="operator")


@pytest.mark.parametrize(
    ("known", "duties", "is_good"),
    [
        (console, {"op-001": "system", "op-002": "security", "op-003": "audit"}, True),
        (console, {"op-001": "system", "op-002": "security"}, False),
        (console, {"op-001": "system", "op-002": "security", "op-009": "audit"}, False),
        (console, {}, False),
        (lambda: party(ACTIVE), {}, True),
        (lambda: party(ACTIVE), {"op-001": "audit"}, False),
        (lambda: party(ACTIVE), {"op-001": "head"}, True),
        (lambda: party(ACTIVE), {"op-009": "head"}, False),
        (console, {"op-001": "system", "op-002": "security", "op-003": "head"}, False),
    ],
)
def test_every_duty_is_one_of_its_kind_of_party_and_an_officer_s_of_its_own(
    known: Callable[[], Party], duties: dict[str, str], is_good: bool
) -> None:
    officers = tuple(OfficerId(f"op-00{number}") for number in (1, 2, 3))
    given = {OfficerId(officer): duty for officer, duty in duties.items()}
    if is_good:
        assert known().with_officers(officers, given, at=LATER).duties == {officer: (duty,) for officer, duty in given.items()}
    else:
        with pytest.raises(DutiesAreNotApart):
            known().with_officers(officers, given, at=LATER)


# Keys


def test_keys_overlap_until_the_old_one_is_revoked() -> None:
    known = party(ACTIVE)
    old, new = known.keys[1], key_of(public("c"), PRODUCTION, at=LATER)
    both = known.with_key(new, at=LATER)
    assert both.keys_of(PRODUCTION, LATER) == (old, new)
    after = both.without_key(old.kid, by=SECOND, at=LATER)
    assert after.keys_of(PRODUCTION, LATER) == (new,)
    assert after.without_key(old.kid, by=SECOND, at=LATER) is after


def test_a_key_ends_on_its_day() -> None:
    known = party(ACTIVE).with_key(key_of(public("c"), PRODUCTION, at=NOW, until=LATER), at=NOW)
    assert len(known.keys_of(PRODUCTION, LATER - timedelta(microseconds=1))) == 2
    assert len(known.keys_of(PRODUCTION, LATER)) == 1


def test_a_key_is_registered_once_for_one_environment_and_never_comes_back() -> None:
    known = party(ACTIVE)
    production = known.keys[1]
    with pytest.raises(KeyIsKnown):
        known.with_key(key_of(public("b"), PRODUCTION, at=LATER), at=LATER)
    with pytest.raises(KeyIsKnown):
        known.without_key(production.kid, by=SECOND, at=LATER).with_key(key_of(public("b"), PRODUCTION, at=LATER), at=LATER)
    with pytest.raises(KeyIsKnown):
        known.with_key(key_of({**public("c"), "kid": production.kid}, PRODUCTION, at=LATER), at=LATER)
    with pytest.raises(KeyIsNotAcceptable, match="sandbox"):
        known.with_key(key_of(public("a"), PRODUCTION, at=LATER), at=LATER)
    with pytest.raises(NoSuchKey):
        known.without_key("other", by=SECOND, at=LATER)


def test_a_party_has_no_more_keys_at_once_than_the_door_can_try() -> None:
    known = party(ACTIVE)
    for number in range(4):
        known = known.with_key(key_of(public(f"n{number}"), PRODUCTION, at=NOW), at=NOW)
    with pytest.raises(KeyIsNotAcceptable, match="at most 5"):
        known.with_key(key_of(public("one more"), PRODUCTION, at=NOW), at=NOW)
    known.without_key(known.keys[1].kid, by=SECOND, at=NOW).with_key(key_of(public("one more"), PRODUCTION, at=NOW), at=NOW)
