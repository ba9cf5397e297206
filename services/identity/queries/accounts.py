"""What a person's account said before."""

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.api.identity import accounts as api
from contracts.values import PersonId
from services.identity.repository import PersonItems, Persons


async def history(session: ReadSession, person_id: PersonId, sealer: Sealer) -> api.History:
    """Every value that another took the place of, documents included, in the order in which they ended."""
    return api.History(items=await _superseded(session, [person_id], sealer))


async def _superseded(session: ReadSession, person_ids: list[PersonId], sealer: Sealer) -> list[api.Superseded]:
    items = [
        api.Superseded(item=each.item, value=each.value, source=each.source, since=each.since, until=each.until)
        for each in await PersonItems(session, sealer).of(*person_ids)
    ]
    ended = await Persons(session, sealer).documents_of(*person_ids, is_ended=True)
    cards = [
        api.Superseded(
            item=f"document:{each.document.type}",
            value=each.document.number,
            source=each.source,
            since=each.recorded_at,
            until=each.ended_at,
        )
        for each in ended
        if each.ended_at
    ]
    return sorted([*items, *cards], key=lambda each: each.until)
