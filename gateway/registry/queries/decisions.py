from typing import Any

import orjson
from sqlalchemy import Row, select

from chassis.database import ReadSession
from contracts.api import gateway as api
from contracts.strict import Page
from contracts.values import CaseNumber, PartyId, PersonId
from gateway.decision import GRANTED, Room
from gateway.registry.tables import decisions

_PAGE = 100


async def decisions_of(
    session: ReadSession,
    *,
    party_id: PartyId | None = None,
    person_id: PersonId | None = None,
    case: CaseNumber | None = None,
    request_id: str | None = None,
    after: int = 0,
) -> Page[api.Decision]:
    """Newest last, `after` an id of the page before; what was committed when the page was read.

    Ids are drawn before their transactions commit, so a process that was slow may still commit ids below those of a page.
    Whoever copies the ledger as it grows does so by its chains (`gateway.ledger.copies`), in which nothing is passed over.
    """
    query = select(decisions).where(decisions.c.id > after).order_by(decisions.c.id).limit(_PAGE)
    asked = (
        (decisions.c.party, party_id),
        (decisions.c.person, person_id),
        (decisions.c.case_number, case),
        (decisions.c.request_id, request_id),
    )
    for column, value in asked:
        if value is not None:
            query = query.where(column == value)
    rows = (await session.execute(query)).all()
    return Page(items=[present(row) for row in rows], next=str(rows[-1].id) if len(rows) == _PAGE else None)


def said_in(body: str) -> dict[str, Any]:
    """What a record says, with the rooms of one in which every room granted."""
    said: dict[str, Any] = orjson.loads(body)
    return {"rooms": {room.value: GRANTED for room in Room}, "path": "", "facts": {}, **said}


def present(row: Row[Any]) -> api.Decision:
    said = said_in(row.body)
    return api.Decision.model_validate(
        {
            **said,
            "kept_as": row.kept_as,
            "route": said["route"] or f"{said['method']} {said['path']}",
        }
    )
