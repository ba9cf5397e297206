from types import TracebackType
from typing import Self

from chassis.clock import Clock
from chassis.database import Database, WriteSession
from services.application.commands import intake
from services.application.neighbours import Asked


class Accounted:
    """Whatever a request comes to, the data it looked at is told: with its effect, or alone when it had none."""

    def __init__(self, asked: Asked, database: Database, clock: Clock) -> None:
        self._asked = asked
        self._database = database
        self._clock = clock
        self._is_told = False

    async def tell(self, session: WriteSession) -> None:
        """In the transaction of the effect."""
        await intake.record_accesses(session, self._asked.accesses, at=self._clock.now())
        self._is_told = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None) -> None:
        # After a failure the transaction that told it is undone; a replayed answer never had one.
        if self._asked.accesses and (failure or not self._is_told):
            async with self._database.transaction() as session:
                await intake.record_accesses(session, self._asked.accesses, at=self._clock.now())
