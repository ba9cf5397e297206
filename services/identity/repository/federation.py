from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import WriteSession
from chassis.sealing import Sealer
from contracts.values import Assurance, PersonId
from services.identity.domain.federation import FEDERATION_LIFE
from services.identity.domain.secrets import digest
from services.identity.tables import federated_accounts, federation_journeys


@dataclass(frozen=True, slots=True)
class Begun:
    """A person who was sent to a platform, and the request for a code that waits for them."""

    upstream: str
    handle: str
    nonce: str
    verifier: str


class FederationJourneys:
    """Each way to a platform and back is used once, by the browser that began it."""

    def __init__(self, session: WriteSession, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    async def add(self, state: str, begun: Begun, *, browser: str, at: datetime) -> None:
        row = {
            "state": digest(state),
            "upstream": begun.upstream,
            "browser": digest(browser),
            "handle": self._sealer.seal(begun.handle),
            "nonce": begun.nonce,
            "verifier": self._sealer.seal(begun.verifier),
            "expires_at": at + FEDERATION_LIFE,
        }
        await self._session.execute(upsert(federation_journeys).values(row))

    async def take(self, state: str, *, upstream: str, browser: str, at: datetime) -> Begun | None:
        mine = (
            (federation_journeys.c.state == digest(state))
            & (federation_journeys.c.upstream == upstream)
            & (federation_journeys.c.browser == digest(browser))
        )
        row = (await self._session.execute(delete(federation_journeys).where(mine).returning(federation_journeys))).one_or_none()
        if row is None or row.expires_at <= at:
            return None
        return Begun(row.upstream, self._sealer.open(row.handle), row.nonce, self._sealer.open(row.verifier))


class FederatedAccounts:
    def __init__(self, session: WriteSession) -> None:
        self._session = session

    async def bind(self, upstream: str, subject: str, person_id: PersonId, assurance: Assurance, at: datetime) -> bool:
        """Whether the platform vouches for something new: the first time, another person, or another level."""
        mine = (federated_accounts.c.upstream == upstream) & (federated_accounts.c.subject == subject)
        before = (await self._session.execute(select(federated_accounts).where(mine).with_for_update())).one_or_none()
        row = {"person_id": person_id, "assurance": int(assurance), "seen_at": at}
        statement = upsert(federated_accounts).values(row | {"upstream": upstream, "subject": subject, "bound_at": at})
        await self._session.execute(statement.on_conflict_do_update(index_elements=["upstream", "subject"], set_=row))
        return before is None or (before.person_id, before.assurance) != (person_id, int(assurance))
