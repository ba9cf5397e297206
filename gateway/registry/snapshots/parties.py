from collections.abc import Mapping
from datetime import datetime
from ipaddress import ip_network
from typing import Any

import structlog
from joserfc.errors import JoseError
from sqlalchemy import func, select

from chassis.database import ReadSession
from contracts.values import CreditCode, DivisionCode, PartyId
from gateway.registry.tables import parties, party_keys
from gateway.snapshot import Credential, Key, Party, public_keys

log = structlog.get_logger()

_PARTY = (
    "id", "name", "kind", "status", "agency", "division", "officers", "duties", "per_second", "burst", "per_day", "purposes",
    "networks", "expires_at", "production_at",
)  # fmt: skip
_KEY = ("party", "kid", "environment", "use", "thumbprint", "jwk", "not_before")


async def rows(session: ReadSession) -> list[dict[str, Any]]:
    """Everybody who was ever approved, each with its keys. Times are seconds since the epoch.

    Keys that were revoked are left out, certificates are not: whoever had one does not get in without when it ends.
    """
    keys: dict[str, list[dict[str, Any]]] = {}
    columns = [party_keys.c[each] for each in _KEY]
    ends = func.least(party_keys.c.not_after, party_keys.c.revoked_at).label("not_after")
    wanted = party_keys.c.revoked_at.is_(None) | (party_keys.c.use == "tls")
    for row in await session.execute(select(*columns, ends).where(wanted)):
        keys.setdefault(row.party, []).append(_plain(row._asdict()))
    found = await session.execute(select(*(parties.c[each] for each in _PARTY)).where(parties.c.status != "applied"))
    return [_plain(row._asdict()) | {"keys": keys.get(row.id, [])} for row in found]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.timestamp() if isinstance(value, datetime) else value for name, value in row.items()}


def build(rows: list[dict[str, Any]]) -> Mapping[PartyId, Party]:
    """Without a party that cannot be read rather than without a snapshot: it must not shut the door for everybody."""
    found: dict[PartyId, Party] = {}
    for row in rows:
        try:
            party = _party(row)
        except ValueError as error:
            log.error("party_unreadable", party=row["id"], reason=str(error))  # noqa: TRY400 (the party tells all there is)
            continue
        found[party.id] = party
    return found


def _party(row: dict[str, Any]) -> Party:
    return Party(
        id=PartyId(row["id"]),
        name=row["name"],
        kind=row["kind"],
        status=row["status"],
        agency=CreditCode(row["agency"]) if row["agency"] else None,
        division=DivisionCode(row["division"]) if row["division"] else None,
        officers=frozenset(row["officers"]),
        duties={officer: frozenset(duties) for officer, duties in row["duties"].items()},
        keys=_keys(row),
        certificates={key["thumbprint"]: Credential(**_validity(key)) for key in row["keys"] if key["use"] == "tls"},
        per_second=row["per_second"],
        burst=row["burst"],
        per_day=row["per_day"],
        purposes=row["purposes"],
        networks=tuple(ip_network(each) for each in row["networks"]),
        expires_at=row["expires_at"],
        production_at=row["production_at"] or 0.0,
    )


def _keys(row: dict[str, Any]) -> dict[str, Key]:
    """Without a bad key rather than without the party."""
    keys: dict[str, Key] = {}
    for key in row["keys"]:
        if key["use"] != "signature":
            continue
        try:
            [public] = public_keys([key["jwk"]]).values()
        except (JoseError, ValueError):
            log.error("party_with_unusable_key", party=row["id"], kid=key["kid"])  # noqa: TRY400 (the party tells all there is)
            continue
        keys[key["kid"]] = Key(public, **_validity(key))
    return keys


def _validity(key: dict[str, Any]) -> dict[str, Any]:
    return {name: key[name] for name in ("environment", "not_before", "not_after")}
