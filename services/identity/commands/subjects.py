"""For whom the tokens of a sign-on speak: a person, or an officer of the agency whose system asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.values import Assurance, PersonId, StaffId
from services.identity.domain.clients import Client
from services.identity.domain.persons import NoSuchPerson
from services.identity.domain.sign_on import Grant, ProtocolError, Session
from services.identity.repository import Persons, StaffMembers
from services.identity.tokens.claims import claims_of, claims_of_officer, released


@dataclass(frozen=True, slots=True)
class Subject:
    """`level` is what the sign-on is worth now; `access` and `identity` are further claims of the access and the ID token."""

    id: PersonId | StaffId
    type: str
    level: Assurance
    access: Mapping[str, Any] = field(default_factory=dict)
    identity: Mapping[str, Any] = field(default_factory=dict)

    @property
    def disclosed(self) -> tuple[str, tuple[str, ...]] | None:
        """What the ID token tells of a person. An officer at work is no such person."""
        return (str(self.id), tuple(self.identity)) if self.identity and isinstance(self.id, PersonId) else None


async def subject_of(
    session: ReadSession, client: Client, sign_on: Session, grant: Grant, scope: str, sealer: Sealer, *, at: datetime
) -> Subject:
    """Raises ProtocolError invalid_grant."""
    if isinstance(sign_on.account, StaffId):
        return await _officer(session, client, sign_on, sign_on.account, scope, sealer, at)
    return await _person(session, sign_on, sign_on.account, grant, sealer, at)


async def _person(session: ReadSession, sign_on: Session, person_id: PersonId, grant: Grant, sealer: Sealer, at: datetime) -> Subject:
    try:
        person = await Persons(session, sealer).get(person_id)
    except NoSuchPerson:
        raise ProtocolError("invalid_grant", "the account is no more") from None
    asked = released(claims_of(person), "", grant.id_token) if grant.id_token else {}
    return Subject(person.id, "person", min(sign_on.level(at), person.assurance), identity=asked)


async def _officer(
    session: ReadSession, client: Client, sign_on: Session, staff_id: StaffId, scope: str, sealer: Sealer, at: datetime
) -> Subject:
    officer = await StaffMembers(session, sealer).active(staff_id)
    if officer is None:
        raise ProtocolError("invalid_grant", "the officer acts no more")
    if not client.serves(officer.agency):
        raise ProtocolError("invalid_grant", "the officer is of another agency than the client")
    return Subject(officer.id, "staff", sign_on.level(at), claims_of_officer(officer), claims_of_officer(officer, scope))
