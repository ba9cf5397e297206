from datetime import datetime
from typing import cast

from sqlalchemy import insert

from chassis.database import WriteSession
from contracts.api.catalogue import Standing
from contracts.values import BasicCode, PartyId
from services.catalogue.domain.lifecycle import State
from services.catalogue.repository.matters import state_of
from services.catalogue.tables import standings


class Standings:
    def __init__(self, session: WriteSession) -> None:
        self._session = session

    async def state(self, basic_code: BasicCode, at: datetime) -> State:
        """What a matter is, or will be, at a moment by what is decided now."""
        found = (await self._session.execute(state_of(basic_code, at))).scalar_one_or_none()
        return cast(State, found or "in_use")

    async def add(self, basic_code: BasicCode, decided: Standing, party: PartyId) -> None:
        await self._session.execute(
            insert(standings).values(basic_code=basic_code, party=party, **decided.model_dump(exclude={"withdrawn_at"}))
        )
