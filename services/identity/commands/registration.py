"""A person becomes known, and the city becomes surer of them."""

import hmac
import secrets
from datetime import datetime

from chassis.database import WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from contracts.api.identity import persons as api
from contracts.events.identity import PersonVerified
from contracts.values import Assurance, Id, PersonId, Phone, SessionId
from services.identity.domain.persons import (
    CODE_LIFE,
    CODE_PAUSE,
    FaceNotConfirmed,
    Person,
    RealNameNotConfirmed,
    SecondProofNotConfirmed,
    SmsCodeIsWrong,
    SmsCodeSentJustNow,
    Verification,
)
from services.identity.neighbours import Providers, Result
from services.identity.repository import Persons, Sessions, SmsCodes

POPULATION_BASE = "population-base"


async def claim_code(session: WriteSession, phone: Phone, sealer: Sealer, *, at: datetime) -> tuple[str, datetime]:
    """A new code and when it expires; kept before it is sent, so that of many requests at once one sends.

    Raises SmsCodeSentJustNow.
    """
    code, expires_at = f"{secrets.randbelow(10**6):06d}", at + CODE_LIFE
    if not await SmsCodes(session).claim(
        sealer.lookup(phone), _kept(phone, code, sealer), sent_at=at, expires_at=expires_at, pause=CODE_PAUSE
    ):
        raise SmsCodeSentJustNow
    return code, expires_at


async def send_code(providers: Providers, phone: Phone, code: str) -> None:
    """Have the code delivered; outside any transaction. Raises ProviderAway."""
    await providers.send_sms(phone, f"【通办】验证码 {code}，5 分钟内有效。Your code is {code}.", Id.new())


async def forget_code(session: WriteSession, phone: Phone, sealer: Sealer) -> None:
    await SmsCodes(session).use(sealer.lookup(phone))


async def try_code(session: WriteSession, wanted: api.Register, sealer: Sealer, *, at: datetime) -> bool:
    """Whether the code is right. The attempt counts even when the caller goes on to refuse, so it commits by itself."""
    right = await SmsCodes(session).tried(sealer.lookup(wanted.phone), at)
    return right is not None and hmac.compare_digest(right, _kept(wanted.phone, wanted.sms_code, sealer))


def _kept(phone: Phone, code: str, sealer: Sealer) -> bytes:
    """Six digits are guessed from a plain hash at once, so this one needs our key."""
    return sealer.lookup(f"{phone} {code}")


async def check_identity(providers: Providers, wanted: api.Register) -> Result:
    """Ask the population base, outside any transaction.

    Raises: RealNameNotConfirmed, SecondProofNotConfirmed, ProviderAway.
    """
    real_name = await providers.real_name(wanted.name, wanted.resident_id)
    if not real_name.is_match:
        raise RealNameNotConfirmed
    second = await providers.second_proof(wanted.resident_id, wanted.second_proof.kind, wanted.second_proof.number)
    if not second.is_match:
        raise SecondProofNotConfirmed
    return real_name


async def register(session: WriteSession, wanted: api.Register, sealer: Sealer, *, password: str, proof: Result, at: datetime) -> Person:
    """Raises AlreadyRegistered."""
    person = Person(
        id=PersonId.new(),
        name=wanted.name,
        resident_id=wanted.resident_id,
        phone=wanted.phone,
        password=password,
        assurance=Assurance.REAL_NAME,
        registered_at=at,
    )
    people = Persons(session, sealer)
    await people.add(person)
    await people.prove(person.id, Verification("real_name", POPULATION_BASE, proof.reference, Assurance.REAL_NAME, at))
    await SmsCodes(session).use(sealer.lookup(wanted.phone))
    await publish(session, PersonVerified(person_id=person.id, assurance=Assurance.REAL_NAME, verified_at=at), at=at)
    return person


async def check_face(providers: Providers, person: Person, capture: str) -> Result:
    """Raises FaceNotConfirmed, ProviderAway."""
    result = await providers.face(person.name, person.resident_id, capture)
    if not result.is_match:
        raise FaceNotConfirmed
    return result


async def verify_real_person(
    session: WriteSession, person_id: PersonId, sealer: Sealer, *, proof: Result, sign_on: SessionId, at: datetime
) -> Person:
    """The person is a real one from now on, and the sign-on they proved it in is worth that much."""
    people = Persons(session, sealer)
    verified = (await people.get(person_id, lock=True)).verified(Assurance.REAL_PERSON)
    await people.save(verified)
    await people.prove(person_id, Verification("face", "face-check", proof.reference, Assurance.REAL_PERSON, at))
    sign_ons = Sessions(session)
    running = await sign_ons.get(sign_on, lock=True)
    if running is not None:
        await sign_ons.save(running.proven("face", assurance=Assurance.REAL_PERSON, at=at))
    await publish(session, PersonVerified(person_id=person_id, assurance=verified.assurance, verified_at=at), at=at)
    return verified


def refuse_wrong_code(*, is_right: bool) -> None:
    """Raises SmsCodeIsWrong."""
    if not is_right:
        raise SmsCodeIsWrong
