"""Districts that are told of moves while one of them is down for a day: real database, real receivers, a clock that skips.

An hour is played in about a second: moves are made, everybody who is up is told, and the rest of the hour is skipped.
"""

import asyncio
import statistics
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from chassis.clock import SystemClock
from chassis.database import Database
from chassis.sealing import Sealer
from contracts.api import application as api
from contracts.values import CaseNumber, DivisionCode, PartyId
from services.application.commands import callbacks
from services.application.deliveries import Lanes, Terms
from services.application.domain.case import Scope
from services.application.tables import deliveries, dispatches
from tests.support import cases
from tests.support.callback_receivers import Receiver, receiving
from tests.support.eventually import eventually

DIVISIONS: Final = tuple(
    DivisionCode(f"3101{last}") for last in ("01", "04", "05", "06", "07", "09", "10", "12", "13", "14", "15", "16", "17", "18", "20", "51")
)
DOWN: Final = DIVISIONS[0]
TERMS: Final = Terms(deadline_s=1.0, pause_ceiling=timedelta(minutes=5), give_up_after=timedelta(days=7), may_be_loopback=True)
_SKIPS_AN_HOUR: Final = 4
_LEFT_ALONE: Final = timedelta(seconds=5)
_MOVES_OF_A_CASE: Final = 2
_PACE_S: Final = 0.1
"""Between the cases of the districts that are up: the pace at which moves are made, well below what they take."""


class SkippingClock:
    """The system's clock, put forward again and again."""

    def __init__(self) -> None:
        self._system = SystemClock()
        self._ahead = timedelta()

    def now(self) -> datetime:
        return self._system.now() + self._ahead

    def skip(self, by: timedelta) -> None:
        self._ahead += by


@dataclass(frozen=True, slots=True)
class Scale:
    """Hours before, while and after the one is down; moves an hour for each district, and how many more pile up for the one while it
    is down; what each takes a second."""

    before: int
    down: int
    after: int
    moves: int
    piled: int
    per_second: int = 100
    districts: int = len(DIVISIONS)


@dataclass
class Figures:
    """Latencies in seconds from the commit of a move to its arrival, of the districts that stay up: of hours in which the one was down,
    and of the same hours, one by one beside them, in a world where it was not."""

    moves: int = 0
    lost: int = 0
    out_of_order: int = 0
    repeated: int = 0
    backlog: int = 0
    drain_s: float = 0.0
    most_in_a_second: int = 0
    without_outage: list[list[float]] = field(default_factory=list)
    with_outage: list[list[float]] = field(default_factory=list)

    @property
    def p95_ms(self) -> tuple[float, float]:
        """Without and with one that is down, over all hours."""
        without, during = (_p95([late for hour in hours for late in hour]) * 1000 for hours in (self.without_outage, self.with_outage))
        return without, during

    @property
    def changes_pct(self) -> list[float]:
        """Of each hour's p95 against that of the same hour beside it."""
        return [(_p95(during) / _p95(without) - 1) * 100 for without, during in zip(self.without_outage, self.with_outage, strict=True)]


def _p95(latencies: Sequence[float]) -> float:
    return statistics.quantiles(latencies, n=20)[-1]


class World:
    """Districts with a database of their own. `database` is that of the process that tells them; moves are made through `moves`, as
    another process would."""

    def __init__(self, database: Database, moves: Database, sealer: Sealer, scale: Scale) -> None:
        self._database = moves
        self._sealer = sealer
        self._scale = scale
        self._clock = SkippingClock()
        self._lanes = Lanes(database, self._clock, sealer, TERMS)
        self._stop = asyncio.Event()
        self._receivers = {division: Receiver() for division in DIVISIONS[: scale.districts]}
        self._made: defaultdict[DivisionCode, dict[tuple[str, int], float]] = defaultdict(dict)
        self._is_down = False
        self._serial = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for division, receiver in self._receivers.items():
                await stack.enter_async_context(receiving(receiver))
                await self._register(division, receiver)
            running = asyncio.create_task(self._lanes.run(self._stop))
            try:
                await eventually(lambda: all(each.asked for each in self._receivers.values()), within=30)
                yield
            finally:
                self._stop.set()
                await running

    async def _register(self, division: DivisionCode, receiver: Receiver) -> None:
        wanted = api.RegisterCallback(url=receiver.url, per_second=self._scale.per_second, at_once=4)
        async with self._database.transaction() as session:
            scope, at = Scope(division=division), self._clock.now()
            await callbacks.register(session, PartyId.new(), scope, wanted, self._sealer, may_be_loopback=True, at=at)

    def goes_down(self) -> None:
        """It answers that it cannot, and from time to time not at all."""
        self._is_down = True
        self._receivers[DOWN].answering = lambda _: 503

    async def hour(self, number: int) -> list[float]:
        """One hour: moves in every district, told to whoever is up. Latencies of the districts other than the one."""
        # A system that is down may also hang; for whoever waits for it that is the worse.
        self._receivers[DOWN].delay_s = 2.0 if self._is_down and number % 3 == 2 else 0.0
        made = []
        for division in self._receivers:
            for _ in range(self._scale.moves // _MOVES_OF_A_CASE):
                made += [(division, move) for move in await self._case(division)]
            await asyncio.sleep(_PACE_S)
        await eventually(lambda: self._have_arrived(made), within=30)
        found = [self._latency(division, move) for division, move in made if division != DOWN]
        for _ in range(_SKIPS_AN_HOUR):
            self._clock.skip(timedelta(hours=1) / _SKIPS_AN_HOUR)
            await self._lanes.look(self._stop)
        return found

    async def pile(self) -> None:
        """What else happens in the one district in an hour, made apart so that hours with and without an outage are alike."""
        made = []
        for _ in range(self._scale.piled // _MOVES_OF_A_CASE):
            made += [(DOWN, move) for move in await self._case(DOWN)]
        await eventually(lambda: self._have_arrived(made), within=60)

    async def _case(self, division: DivisionCode) -> list[tuple[str, int]]:
        self._serial += 1
        number = CaseNumber.of(cases.TASK, self._clock.now().date(), self._serial)
        moves = [(number, revision) for revision in range(1, _MOVES_OF_A_CASE + 1)]
        said = {"number": number, "reason": "submitted", "status": "submitted", "agency": cases.AGENCY, "division": division}
        rows = [said | {"revision": revision, "at": self._clock.now()} for _, revision in moves]
        async with self._database.transaction() as session:
            await session.execute(sa.insert(dispatches).values(rows))
        now = asyncio.get_running_loop().time()
        self._made[division] |= dict.fromkeys(moves, now)
        return [(str(each), revision) for each, revision in moves]

    def _have_arrived(self, made: Sequence[tuple[DivisionCode, tuple[str, int]]]) -> bool:
        arrived = {division: {told.move for told in receiver.kept} for division, receiver in self._receivers.items()}
        return all(move in arrived[division] for division, move in made if not (self._is_down and division == DOWN))

    def _latency(self, division: DivisionCode, move: tuple[str, int]) -> float:
        arrival = next(told.at for told in self._receivers[division].kept if told.move == move)
        return arrival - self._made[division][move]

    async def recover(self, figures: Figures) -> None:
        """It is up again, and is left alone no longer than the ceiling of the pauses."""
        down = self._receivers[DOWN]
        figures.backlog = len(self._made[DOWN]) - len(down.moves)
        self._is_down, down.answering, down.delay_s = False, lambda _: 204, 0.0
        up_at, before = self._clock.now(), len(down.told)
        self._clock.skip(TERMS.pause_ceiling)
        await eventually(self._is_drained, within=150)
        figures.drain_s = (self._clock.now() - up_at).total_seconds()
        ats = [told.at for told in down.told[before:]]
        figures.most_in_a_second = max(sum(at <= other < at + 1 for other in ats[place : place + 400]) for place, at in enumerate(ats))

    async def _is_drained(self) -> bool:
        """What was under way when it came back may still have found it away: its pause passes too."""
        if self._lanes.is_idle:
            self._clock.skip(_LEFT_ALONE)
            await self._lanes.look(self._stop)
        return len(self._receivers[DOWN].moves) == len(self._made[DOWN])

    def count(self, figures: Figures) -> None:
        for division, receiver in self._receivers.items():
            made, taken = self._made[division], receiver.moves
            figures.moves += len(made)
            figures.lost += len(made.keys() - set(taken))
            figures.repeated += len(receiver.kept) - len(taken)
            last: Counter[str] = Counter()
            for number, revision in taken:
                figures.out_of_order += revision != last[number] + 1
                last[number] = revision


async def play(world: World, scale: Scale, control: World | None = None) -> Figures:
    """The outage, each hour of it beside the same hour of `control`, in which nobody is down: now the one first, now the other, so that
    what else the machine does falls on both alike."""
    figures = Figures()
    async with AsyncExitStack() as stack:
        worlds = [each for each in (world, control) if each]
        for each in worlds:
            await stack.enter_async_context(each.running())
        for hour in range(scale.before):
            for each in worlds:
                await each.hour(hour)
        world.goes_down()
        for hour in range(scale.down):
            for each in worlds:
                await each.pile()
            for each in worlds if hour % 2 else reversed(worlds):
                (figures.with_outage if each is world else figures.without_outage).append(await each.hour(hour))
        await world.recover(figures)
        for hour in range(scale.after):
            await world.hour(hour)
    world.count(figures)
    return figures


async def unfinished(database: Database) -> int:
    async with database.reading() as session:
        query = sa.select(sa.func.count()).select_from(deliveries).where(deliveries.c.state != "delivered")
        return int((await session.execute(query)).scalar_one())
