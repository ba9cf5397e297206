from collections.abc import Mapping
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.errors import JoseError
from sqlalchemy import select

from chassis.database import ReadSession
from contracts.values import CreditCode, DivisionCode, PartyId
from gateway.registry.tables import parties
from gateway.snapshot import Party, public_keys

log = structlog.get_logger()


async def rows(session: ReadSession) -> list[dict[str, Any]]:
    wanted = (
        parties.c.id,
        parties.c.name,
        parties.c.kind,
        parties.c.status,
        parties.c.agency,
        parties.c.division,
        parties.c.officers,
        parties.c.jwks,
        parties.c.per_second,
        parties.c.burst,
    )
    return [row._asdict() for row in await session.execute(select(*wanted).where(parties.c.status != "applied"))]


def build(rows: list[dict[str, Any]]) -> Mapping[PartyId, Party]:
    return {party.id: party for party in map(_party, rows)}


def _party(row: dict[str, Any]) -> Party:
    return Party(
        id=PartyId(row["id"]),
        name=row["name"],
        kind=row["kind"],
        status=row["status"],
        agency=CreditCode(row["agency"]) if row["agency"] else None,
        division=DivisionCode(row["division"]) if row["division"] else None,
        officers=frozenset(row["officers"]),
        keys=_keys(row),
        per_second=row["per_second"],
        burst=row["burst"],
    )


def _keys(row: dict[str, Any]) -> dict[str, ec.EllipticCurvePublicKey]:
    """No key at all rather than no snapshot: one party's bad key must not shut the door for everybody."""
    try:
        return public_keys(row["jwks"])
    except (JoseError, ValueError):
        log.error("party_without_usable_keys", party=row["id"])  # noqa: TRY400 (the party tells all there is)
        return {}
