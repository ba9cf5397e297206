"""What a sign-on is worth, and for how long."""

from dataclasses import replace
from datetime import timedelta

from contracts.values import Assurance, PersonId, SessionId
from services.identity.domain.sign_on import FRESH, Session
from tests.support.clock import TODAY

SIGN_ON = Session(
    id=SessionId.new(),
    person_id=PersonId.new(),
    signed_on_at=TODAY,
    proven_at=TODAY,
    fresh_until=TODAY + FRESH,
    expires_at=TODAY + timedelta(days=10),
    methods=("pwd",),
    assurance=Assurance.REAL_PERSON,
)
LATER = TODAY + timedelta(days=1)


def test_a_sign_on_is_live_until_it_ends_or_is_ended() -> None:
    assert SIGN_ON.is_live(TODAY + timedelta(days=9))
    assert not SIGN_ON.is_live(TODAY + timedelta(days=10))
    assert not replace(SIGN_ON, revoked_at=TODAY).is_live(TODAY)


def test_a_fresh_proof_is_worth_its_level_and_the_login_free_period_at_most_a_real_name() -> None:
    assert SIGN_ON.level(TODAY + FRESH - timedelta(seconds=1)) is Assurance.REAL_PERSON
    assert SIGN_ON.level(TODAY + FRESH) is Assurance.REAL_NAME
    assert replace(SIGN_ON, assurance=Assurance.PHONE).level(LATER) is Assurance.PHONE


def test_only_a_new_proof_lifts_the_level_again() -> None:
    proven = SIGN_ON.proven("face", assurance=Assurance.REAL_PERSON, at=LATER)
    assert proven.level(LATER) is Assurance.REAL_PERSON
    assert proven.methods == ("pwd", "face")
    assert proven.proven_at == LATER
    assert proven.expires_at == SIGN_ON.expires_at


def test_a_weak_proof_in_the_login_free_period_brings_the_old_level_back_to_nobody() -> None:
    assert SIGN_ON.proven("sms", assurance=Assurance.REAL_NAME, at=LATER).level(LATER) is Assurance.REAL_NAME


def test_a_proof_never_shortens_a_sign_on_and_keeps_one_method_once() -> None:
    late = TODAY + timedelta(days=9, hours=20)
    proven = SIGN_ON.proven("pwd", assurance=Assurance.REAL_PERSON, at=late)
    assert proven.expires_at == late + FRESH
    assert proven.methods == ("pwd",)
