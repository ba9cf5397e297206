from collections.abc import Mapping, Sequence
from datetime import datetime

from chassis.database import WriteSession
from contracts.api import catalogue as api
from contracts.values import DivisionCode, OfficerId, PartyId
from services.catalogue.domain.points import PointsRefused, errors_in
from services.catalogue.repository.points import Points


async def take(
    session: WriteSession,
    document: api.ImportPoints,
    *,
    party: PartyId,
    officer: OfficerId | None,
    own_division: DivisionCode | None,
    at: datetime,
) -> api.ImportedPoints:
    """Take a document of service points whole, or raise PointsRefused with every broken rule. Each change is recorded with who made
    it. `own_division` bounds a district's system to its own points."""
    points = Points(session)
    await points.lock()
    known = await points.all_by_code()
    errors = errors_in(document, known=known, divisions=await points.divisions(), own_division=own_division)
    if errors:
        raise PointsRefused(f"{len(errors)} rules are broken", errors=errors[:100])
    changed = [each for each in document.points if known.get(each.code) != each]
    gone = [known[code] for code in dict.fromkeys(document.gone)]
    added = sum(each.code not in known for each in changed)
    if not document.dry_run:
        await points.remove([each.code for each in gone])
        await points.record([(each, None) for each in gone], party=party, officer=officer, at=at)
        await put(session, changed, known, party=party, officer=officer, at=at)
    return api.ImportedPoints(
        added=added,
        changed=len(changed) - added,
        removed=len(gone),
        unchanged=len(document.points) - len(changed),
        dry_run=document.dry_run,
    )


async def put(
    session: WriteSession,
    changed: Sequence[api.ServicePoint],
    known: Mapping[str, api.ServicePoint],
    *,
    party: PartyId,
    officer: OfficerId | None,
    at: datetime,
) -> None:
    """Points that passed every rule, in the place of those that are known; each change is recorded with who made it."""
    points = Points(session)
    await points.put(changed)
    await points.record([(known.get(each.code), each) for each in changed], party=party, officer=officer, at=at)
