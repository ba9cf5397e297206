"""Persons as rules."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.values import Assurance, PersonId, PersonName, Phone
from services.identity.domain.persons import FAILURES_BEFORE_LOCK, LOCK, Person
from tests.support.clock import TODAY

PERSON = Person(
    id=PersonId.new(),
    name=PersonName("示例·甲一"),
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
