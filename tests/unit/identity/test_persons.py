"""Persons as rules."""

from dataclasses import replace

import pytest

from contracts.values import Assurance, PersonId, PersonName, Phone
from services.identity.domain.persons import Person
from tests.support.clock import TODAY

PERSON = Person(
    id=PersonId.new(),
    name=PersonName("示例·甲一"),
    phone=Phone("13800000001"),
    password="hash",
    assurance=Assurance.REAL_NAME,
    registered_at=TODAY,
)


@pytest.mark.parametrize(
    ("before", "proof", "after"),
    [
        (Assurance.REAL_NAME, Assurance.REAL_PERSON, Assurance.REAL_PERSON),
        (Assurance.REAL_PERSON, Assurance.REAL_NAME, Assurance.REAL_PERSON),
    ],
)
def test_a_proof_never_lowers_assurance(before: Assurance, proof: Assurance, after: Assurance) -> None:
    assert replace(PERSON, assurance=before).verified(proof).assurance is after
