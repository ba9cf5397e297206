"""Whether what tokens stand on holds. One statement answers for many tokens at once."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import DateTime, Uuid, and_, bindparam, column, exists, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.database import ReadSession
from services.identity.tables import grants, mandates, sessions


@dataclass(frozen=True, slots=True)
class Standing:
    """The sign-on and the grant of a token, whom it is for, its mandate if it has one, and when they are to hold."""

    session: str
    grant: str
    subject: str
    mandate: str | None
    at: datetime


async def hold(reading: ReadSession, asked: Sequence[Standing]) -> list[bool]:
    """For each in its order."""
    columns = zip(*map(astuple, asked), strict=True)
    said = {name: list(values) for name, values in zip(_TYPES, columns, strict=True)}
    return [row.holds for row in await reading.execute(_HOLD, said)]


_TYPES: Final[dict[str, Any]] = {
    "session": Uuid(as_uuid=False),
    "grant_id": Uuid(as_uuid=False),
    "subject": Uuid(as_uuid=False),
    "mandate": Uuid(as_uuid=False),
    "at": DateTime(timezone=True),
}


def _statement() -> Any:
    arrays = [bindparam(name, type_=ARRAY(kind)) for name, kind in _TYPES.items()]
    columns = [column(name, kind) for name, kind in _TYPES.items()]
    asked = func.unnest(*arrays).table_valued(*columns, with_ordinality="position", name="asked")
    asked = asked.render_derived()
    of_sign_on = and_(sessions.c.id == asked.c.session, sessions.c.revoked_at.is_(None), sessions.c.expires_at > asked.c.at)
    of_grant = and_(grants.c.id == asked.c.grant_id, grants.c.revoked_at.is_(None))
    in_force = exists().where(
        mandates.c.id == asked.c.mandate,
        # After a merge it is the other account's.
        or_(mandates.c.principal_person == asked.c.subject, mandates.c.principal_organisation == asked.c.subject),
        mandates.c.accepted_at.is_not(None),
        mandates.c.revoked_at.is_(None),
        or_(mandates.c.ends_at.is_(None), mandates.c.ends_at > asked.c.at),
    )
    holds = and_(exists().where(of_sign_on), exists().where(of_grant), or_(asked.c.mandate.is_(None), in_force))
    return select(holds.label("holds")).select_from(asked).order_by(asked.c.position)


_HOLD: Final = _statement()
