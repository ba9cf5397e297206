"""Persons and sign-on as rules."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.values import Assurance, PersonId, PersonName, Phone, ResidentId, SessionId
from services.identity.domain import (
    FAILURES_BEFORE_LOCK,
    LOCK,
    Person,
    Session,
    challenge_of,
    digest,
    new_secret,
)
from services.identity.pages import language_of
from tests.support.clock import TODAY

PERSON = Person(
    id=PersonId.new(),
    name=PersonName("示例·甲一"),
    resident_id=ResidentId("31999919900515001X"),
    phone=Phone("13800000001"),
    password="hash",
    assurance=Assurance.REAL_NAME,
    registered_at=TODAY,
)


def failed(times: int) -> Person:
    person = PERSON
    for _ in range(times):
        person = person.failed(TODAY)
    return person


def test_four_failures_lock_nothing_and_the_fifth_locks_for_a_while() -> None:
    assert not failed(FAILURES_BEFORE_LOCK - 1).is_locked(TODAY)
    locked = failed(FAILURES_BEFORE_LOCK)
    assert locked.is_locked(TODAY)
    assert locked.is_locked(TODAY + LOCK - timedelta(microseconds=1))
    assert not locked.is_locked(TODAY + LOCK)


def test_after_a_lock_the_count_starts_anew() -> None:
    later = TODAY + LOCK
    person = failed(FAILURES_BEFORE_LOCK)
    for _ in range(FAILURES_BEFORE_LOCK - 1):
        person = person.failed(later)
    assert not person.is_locked(later)
    assert person.failed(later).is_locked(later)


def test_success_forgets_failures_and_lock() -> None:
    assert failed(FAILURES_BEFORE_LOCK - 1).succeeded() == PERSON
    assert failed(FAILURES_BEFORE_LOCK).succeeded() == PERSON


@pytest.mark.parametrize(
    ("before", "proof", "after"),
    [
        (Assurance.REAL_NAME, Assurance.REAL_PERSON, Assurance.REAL_PERSON),
        (Assurance.REAL_PERSON, Assurance.REAL_NAME, Assurance.REAL_PERSON),
    ],
)
def test_a_proof_never_lowers_assurance(before: Assurance, proof: Assurance, after: Assurance) -> None:
    assert replace(PERSON, assurance=before).verified(proof).assurance is after


def test_a_sign_on_is_live_until_it_ends_or_is_ended() -> None:
    session = Session(SessionId.new(), PERSON.id, TODAY, TODAY + timedelta(hours=1))
    assert session.is_live(TODAY + timedelta(minutes=59))
    assert not session.is_live(TODAY + timedelta(hours=1))
    assert not replace(session, revoked_at=TODAY).is_live(TODAY)


def test_the_challenge_is_that_of_rfc_7636() -> None:
    """Source: RFC 7636 appendix B."""
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_secrets_are_long_and_kept_as_digests() -> None:
    one, other = new_secret(), new_secret()
    assert one != other
    assert len(one) >= 43
    assert len(digest(one)) == 32
    assert one.encode() not in digest(one)


@pytest.mark.parametrize(
    ("ui_locales", "accept_language", "language"),
    [
        (None, None, "zh"),
        ("en", "zh-CN", "en"),
        ("zh-CN en", "en", "zh"),
        (None, "en-GB,zh;q=0.5", "en"),
        (None, "zh-CN,en;q=0.9", "zh"),
        (None, "fr", "zh"),
        ("", " EN", "en"),
    ],
)
def test_the_page_is_in_the_language_that_is_asked_for_first(ui_locales: str | None, accept_language: str | None, language: str) -> None:
    assert language_of(ui_locales, accept_language) == language
