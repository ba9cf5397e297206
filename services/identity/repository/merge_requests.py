from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from chassis.database import ReadSession
from contracts.values import MergeId, PersonId
from services.identity.tables import merge_requests


@dataclass(frozen=True, slots=True)
class MergeRequest:
    """`person_id` asks that the account `other_id` becomes part of theirs."""

    id: MergeId
    person_id: PersonId
    other_id: PersonId
    requested_at: datetime
    expires_at: datetime
    merged_at: datetime | None = None


class MergeRequests:
    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def add(self, request: MergeRequest) -> None:
        row = {"id": request.id, "person_id": request.person_id, "other_id": request.other_id}
        times = {"requested_at": request.requested_at, "expires_at": request.expires_at}
        await self._session.execute(insert(merge_requests).values(row | times))

    async def get(self, merge_id: MergeId, person_id: PersonId, at: datetime) -> MergeRequest | None:
        """The person's own request while it holds, or what it came to."""
        holds = merge_requests.c.merged_at.is_not(None) | (merge_requests.c.expires_at > at)
        query = select(merge_requests).where(merge_requests.c.id == merge_id, merge_requests.c.person_id == person_id, holds)
        row = (await self._session.execute(query)).one_or_none()
        if row is None:
            return None
        found = (MergeId(row.id), PersonId(row.person_id), PersonId(row.other_id))
        return MergeRequest(*found, row.requested_at, row.expires_at, row.merged_at)

    async def done(self, merge_id: MergeId, at: datetime) -> None:
        await self._session.execute(update(merge_requests).where(merge_requests.c.id == merge_id).values(merged_at=at))
