from sqlalchemy import select

from chassis.database import ReadSession
from contracts.api import gateway as api
from contracts.strict import Page
from contracts.values import Id, PartyId
from gateway.registry.domain.conformance import NoSuchRun, Rules, Run, checks_for
from gateway.registry.repository.conformance import run_of
from gateway.registry.tables import conformance_runs as runs

_PAGE = 50


def present(run: Run, rules: Rules) -> api.ConformanceRun:
    checks = {check.id: check for check in checks_for(run.kind)}
    return api.ConformanceRun(
        id=run.id,
        party=run.party,
        kind=run.kind,
        seed=run.seed,
        state=run.state,
        checks=list(checks.values()),
        failing=[api.FailedCheck(**_words(checks, name), reason=reason) for name, reason in run.found],
        started_at=run.started_at,
        expires_at=run.expires_at(rules),
        ended_at=run.ended_at,
    )


def _words(checks: dict[str, api.Check], name: str) -> dict[str, str]:
    """A check that is asked for no more is told by its name alone."""
    known = checks.get(name)
    return known.model_dump() if known else {"id": name, "zh": name, "en": name}


async def run_of_party(session: ReadSession, run_id: Id, party_id: PartyId, rules: Rules) -> api.ConformanceRun:
    """Raises NoSuchRun, also for a run of another party."""
    row = (await session.execute(select(runs).where(runs.c.id == run_id, runs.c.party == party_id))).one_or_none()
    if row is None:
        raise NoSuchRun
    return present(run_of(row), rules)


async def runs_of(session: ReadSession, party_id: PartyId, after: Id | None, rules: Rules) -> Page[api.ConformanceRun]:
    """Oldest first."""
    query = select(runs).where(runs.c.party == party_id).order_by(runs.c.id).limit(_PAGE + 1)
    if after:
        query = query.where(runs.c.id > after)
    rows = (await session.execute(query)).all()
    return Page(items=[present(run_of(row), rules) for row in rows[:_PAGE]], next=rows[_PAGE - 1].id if len(rows) > _PAGE else None)
