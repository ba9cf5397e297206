from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from chassis.database import ReadSession, WriteSession
from contracts.api import gateway as api
from contracts.values import Id, PartyId
from gateway.registry.domain.conformance import NoSuchRun, Run
from gateway.registry.tables import conformance_runs as runs


async def latest_pass(session: ReadSession, party_id: PartyId) -> datetime | None:
    """When the party's system last passed a run."""
    passed = select(func.max(runs.c.ended_at)).where(runs.c.party == party_id, runs.c.state == "passed")
    found: datetime | None = (await session.execute(passed)).scalar_one()
    return found


async def newest_ended(session: ReadSession, party_id: PartyId) -> Run | None:
    ended = select(runs).where(runs.c.party == party_id, runs.c.ended_at.is_not(None)).order_by(runs.c.ended_at.desc()).limit(1)
    row = (await session.execute(ended)).one_or_none()
    return run_of(row) if row else None


async def begun_since(session: ReadSession, party_id: PartyId, moment: datetime) -> int:
    counted = select(func.count()).where(runs.c.party == party_id, runs.c.started_at >= moment)
    return int((await session.execute(counted)).scalar_one())


async def locked(session: WriteSession, run_id: Id, party_id: PartyId) -> Run:
    """Raises NoSuchRun, also for a run of another party."""
    found = select(runs).where(runs.c.id == run_id, runs.c.party == party_id).with_for_update()
    row = (await session.execute(found)).one_or_none()
    if row is None:
        raise NoSuchRun
    return run_of(row)


async def add(session: WriteSession, run: Run) -> None:
    await session.execute(insert(runs).values(_row(run)))


async def save(session: WriteSession, run: Run, report: api.Report) -> None:
    kept = {"said": report.model_dump(mode="json"), "found": dict(run.found)}
    await session.execute(update(runs).where(runs.c.id == run.id).values(**_row(run), report=kept))


def run_of(row: Row[Any]) -> Run:
    found = row.report["found"] if row.report else {}
    return Run(
        id=Id(row.id),
        party=PartyId(row.party),
        kind=row.kind,
        seed=row.seed,
        state=row.state,
        started_at=row.started_at,
        ended_at=row.ended_at,
        found=tuple((name, found.get(name, "")) for name in row.failing),
    )


def _row(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "party": run.party,
        "kind": run.kind,
        "seed": run.seed,
        "state": run.state,
        "failing": [name for name, _ in run.found],
        "started_at": run.started_at,
        "ended_at": run.ended_at,
    }
