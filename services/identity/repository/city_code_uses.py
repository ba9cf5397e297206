"""Uses of city codes. One statement carries those of many verifiers at once: of one code, its key decides who is first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Final, Self

from sqlalchemy import Boolean, DateTime, Integer, Row, Text, Uuid, and_, bindparam, column, delete, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import WriteSession
from chassis.sealing import Sealer
from contracts.values import (
    RESIDENT_FAMILY,
    Assurance,
    CityCode,
    CityCodeType,
    OrganisationId,
    PartyId,
    PersonId,
    PersonName,
    Phone,
    ResidentId,
)
from services.identity.domain.city_codes import CodeRevoked, CodeUsed, Holder, Scene, VerifierNotAdmitted
from services.identity.repository.city_codes import Subject
from services.identity.tables import city_code_uses, city_codes, documents, organisations, paper_codes, persons, scene_verifiers

_FORGOTTEN_AT_ONCE: Final = 5000


@dataclass(frozen=True, slots=True)
class Use:
    """A code shown to a party. `key` is the code's id where it serves once, and the party's beside it where it may serve
    again; `paper` is the id of a code on paper; `is_admitted` says that the party needs no admission of its own."""

    key: str
    handle: str
    paper: str | None
    scene: str
    party_id: PartyId
    is_admitted: bool
    is_repeatable: bool
    reference: str
    used_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, code: CityCode, scene: Scene, party: PartyId, party_kind: str, *, reference: str, at: datetime) -> Self:
        is_repeatable = scene.is_repeatable(code.type)
        return cls(
            key=f"{code.id} {party}" if is_repeatable else code.id,
            handle=code.handle,
            paper=code.id if code.type is CityCodeType.PAPER else None,
            scene=scene.code,
            party_id=party,
            is_admitted=party_kind in scene.party_kinds,
            is_repeatable=is_repeatable,
            reference=reference,
            used_at=at,
            expires_at=datetime.fromtimestamp(code.expires, UTC),
        )


@dataclass(frozen=True, slots=True)
class Presented:
    """Whose code was shown, and how many times to this party."""

    subject: Subject
    holder: Holder
    times: int


async def use(session: WriteSession, uses: list[Use]) -> Sequence[Row[Any]]:
    """What became of each use, for `presented`. No two of them may have the same key."""
    columns = zip(*map(_VALUES, uses), strict=True)
    said = {name: list(values) for name, values in zip(_COLUMNS, columns, strict=True)}
    return (await session.execute(_USE, said)).all()


def presented(outcome: Row[Any], items: frozenset[str], sealer: Sealer) -> Presented:
    """Whose code it was; only these items of them are opened. Raises VerifierNotAdmitted, CodeRevoked, CodeUsed."""
    if not outcome.may_verify:
        raise VerifierNotAdmitted
    if not outcome.is_live:
        raise CodeRevoked
    if outcome.times is None:
        raise CodeUsed
    assurance = Assurance(outcome.assurance)
    if outcome.organisation_id:
        holder = Holder(assurance, name=outcome.organisation_name, credit_code=outcome.credit_code)
        return Presented(OrganisationId(outcome.organisation_id), holder, outcome.times)

    def opened(item: str, sealed: bytes | None, kind: Callable[[str], Any]) -> Any:
        return kind(sealer.open(sealed)) if sealed is not None and item in items else None

    holder = Holder(
        assurance,
        name=opened("name", outcome.person_name, PersonName),
        resident_id=opened("resident_id", outcome.resident_id, ResidentId),
        phone=opened("phone", outcome.phone, Phone),
    )
    return Presented(PersonId(outcome.person_id), holder, outcome.times)


async def forget_uses(session: WriteSession, before: datetime) -> int:
    """Codes that expired before a moment can be refused without remembering them."""
    old = select(city_code_uses.c.key).where(city_code_uses.c.expires_at < before).limit(_FORGOTTEN_AT_ONCE)
    return (await session.execute(delete(city_code_uses).where(city_code_uses.c.key.in_(old)))).rowcount


_COLUMNS: Final = [field.name for field in fields(Use)]
_VALUES: Final = attrgetter(*_COLUMNS)
_TYPES: Final[dict[str, Any]] = {
    "party_id": Uuid(as_uuid=False),
    "reference": Uuid(as_uuid=False),
    "is_admitted": Boolean(),
    "is_repeatable": Boolean(),
    "used_at": DateTime(timezone=True),
    "expires_at": DateTime(timezone=True),
}


def _statement() -> Any:
    types = {name: _TYPES.get(name, Text()) for name in _COLUMNS}
    arrays = [bindparam(name, type_=ARRAY(kind)) for name, kind in types.items()]
    shown = func.unnest(*arrays).table_valued(
        *(column(name, kind) for name, kind in types.items()), with_ordinality="position", name="shown"
    )
    known = _known(shown.render_derived())
    used = _used(known)
    return (
        select(
            known.c.may_verify,
            known.c.is_live,
            known.c.person_id,
            known.c.organisation_id,
            known.c.person_name,
            known.c.resident_id,
            known.c.phone,
            known.c.organisation_name,
            known.c.credit_code,
            known.c.assurance,
            used.c.times,
        )
        .select_from(known.outerjoin(used, used.c.key == known.c.key))
        .order_by(known.c.position)
    )


_RESIDENT_NUMBER: Final = (
    select(documents.c.number)
    .where(documents.c.person_id == persons.c.id, documents.c.family == RESIDENT_FAMILY, documents.c.ended_at.is_(None))
    .limit(1)
    .correlate(persons)
    .scalar_subquery()
)


def _known(shown: Any) -> Any:
    """Each use with its holder, whether its party may verify, and whether its handle and its paper still stand."""
    by_name = exists().where(scene_verifiers.c.scene == shown.c.scene, scene_verifiers.c.party_id == shown.c.party_id)
    assurance = func.coalesce(persons.c.assurance, organisations.c.assurance)
    joined = (
        shown.outerjoin(city_codes, city_codes.c.handle == shown.c.handle)
        .outerjoin(persons, and_(persons.c.id == city_codes.c.person_id, persons.c.status == "active"))
        .outerjoin(organisations, and_(organisations.c.id == city_codes.c.organisation_id, organisations.c.status == "active"))
        .outerjoin(
            paper_codes,
            and_(paper_codes.c.id == shown.c.paper, paper_codes.c.person_id == city_codes.c.person_id, paper_codes.c.revoked_at.is_(None)),
        )
    )
    return (
        select(
            *(shown.c[name] for name in _COLUMNS),
            shown.c.position,
            or_(shown.c.is_admitted, by_name).label("may_verify"),
            and_(assurance.is_not(None), or_(shown.c.paper.is_(None), paper_codes.c.id.is_not(None))).label("is_live"),
            city_codes.c.person_id,
            city_codes.c.organisation_id,
            persons.c.name.label("person_name"),
            _RESIDENT_NUMBER.label("resident_id"),
            persons.c.phone,
            organisations.c.name.label("organisation_name"),
            organisations.c.credit_code,
            assurance.label("assurance"),
        )
        .select_from(joined)
        .cte("known")
    )


def _used(known: Any) -> Any:
    """The uses that count, in the order of their keys: two statements that wait for each other's rows would never end."""
    names = ["key", "party_id", "reference", "is_repeatable", "used_at", "expires_at"]
    counted = (
        select(*(known.c[name] for name in names), literal(1, Integer)).where(known.c.may_verify, known.c.is_live).order_by(known.c.key)
    )
    statement = upsert(city_code_uses).from_select([*names, "times"], counted)
    again = {"times": city_code_uses.c.times + 1, "reference": statement.excluded.reference, "used_at": statement.excluded.used_at}
    return (
        statement.on_conflict_do_update(index_elements=["key"], set_=again, where=statement.excluded.is_repeatable)
        .returning(city_code_uses.c.key, city_code_uses.c.times)
        .cte("used")
    )


_USE: Final = _statement()
