import json
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, insert, select, update

from chassis.database import ReadSession, WriteSession
from chassis.errors import Invalid
from chassis.sealing import Sealer
from contracts.api import application as api
from contracts.problems import application as problems
from contracts.values import JudgementId, TaskCode
from services.application.domain.applicant import Applicant
from services.application.domain.case import Case
from services.application.repository.ownership import owned
from services.application.tables import judgements, outages

_FORGOTTEN_AT_ONCE: Final = 5000
_SEEN_EVERY: Final = timedelta(minutes=1)
_INTAKE: Final = "application"


class NoSuchJudgement(Invalid):
    problem = problems.JUDGEMENT_NOT_FOUND


async def add_judgement(session: WriteSession, applicant: Applicant, said: api.Judgement, sealer: Sealer) -> None:
    """The reasons tell of the person, so they are sealed; what was said of themself is not kept at all."""
    row = {
        "id": said.judgement_id,
        "person_id": applicant.person,
        "organisation_id": applicant.organisation,
        "task_code": said.task_code,
        "version": said.version,
        "answer": said.answer,
        "said": sealer.seal(json.dumps({"zh": said.zh, "en": said.en}, ensure_ascii=False)),
        "judged_at": said.judged_at,
    }
    await session.execute(insert(judgements).values(row))


async def attach_judgement(session: WriteSession, applicant: Applicant, judgement_id: JudgementId, case: Case) -> None:
    """What was told goes with the case. Raises NoSuchJudgement."""
    mine = _free(applicant, judgement_id, case.task_code)
    if not (await session.execute(update(judgements).where(mine).values(case_id=case.id))).rowcount:
        raise NoSuchJudgement


async def check_judgement(session: ReadSession, applicant: Applicant, judgement_id: JudgementId, task_code: TaskCode) -> None:
    """Raises NoSuchJudgement."""
    mine = _free(applicant, judgement_id, task_code)
    if (await session.execute(select(judgements.c.id).where(mine))).one_or_none() is None:
        raise NoSuchJudgement


def _free(applicant: Applicant, judgement_id: JudgementId, task_code: TaskCode) -> ColumnElement[bool]:
    same = (judgements.c.id == judgement_id) & (judgements.c.task_code == task_code)
    return owned(judgements, applicant) & same & judgements.c.case_id.is_(None)


async def judgement_of(session: ReadSession, case: Case, sealer: Sealer) -> api.CaseJudgement | None:
    row = (await session.execute(select(judgements).where(judgements.c.case_id == case.id))).one_or_none()
    if row is None:
        return None
    said = json.loads(sealer.open(row.said))
    return api.CaseJudgement(answer=row.answer, zh=said["zh"], en=said["en"], judged_at=row.judged_at)


async def forget_judgements(session: WriteSession, before: datetime) -> int:
    """Some of those that nobody submitted after, and how many."""
    old = select(judgements.c.id).where(judgements.c.judged_at < before, judgements.c.case_id.is_(None)).limit(_FORGOTTEN_AT_ONCE)
    return (await session.execute(delete(judgements).where(judgements.c.id.in_(old)))).rowcount


async def note_outage(session: WriteSession, source: str, evidence: str, *, by: str, at: datetime) -> None:
    await session.execute(insert(outages).values(source=source, evidence=evidence, seen_by=by, seen_at=at))


async def see_outage(session: WriteSession, source: str, *, at: datetime) -> None:
    """That intake itself got no answer: once a minute is enough, however many ask."""
    seen = select(outages.c.id).where(outages.c.source == source, outages.c.seen_at > at - _SEEN_EVERY, outages.c.seen_by == _INTAKE)
    if (await session.execute(seen.limit(1))).first() is None:
        await note_outage(session, source, "no answer", by=_INTAKE, at=at)


async def forget_outages(session: WriteSession, before: datetime) -> int:
    """Some of those from before, and how many: a material that was uploaded because of one has its own copy of the evidence."""
    old = select(outages.c.id).where(outages.c.seen_at < before).limit(_FORGOTTEN_AT_ONCE)
    return (await session.execute(delete(outages).where(outages.c.id.in_(old)))).rowcount


async def outages_since(session: ReadSession, sources: set[str], since: datetime) -> dict[str, str]:
    """Source → evidence, of those that were seen down since then."""
    if not sources:
        return {}
    query = select(outages).where(outages.c.source.in_(sources), outages.c.seen_at >= since).order_by(outages.c.id)
    return {
        row.source: f"{row.seen_at.isoformat(timespec='seconds')} {row.seen_by}: {row.evidence}" for row in await session.execute(query)
    }
