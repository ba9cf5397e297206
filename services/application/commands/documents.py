"""The document that an act leaves, in the act's transaction. Source: ADR-0051."""

from datetime import date, datetime

from chassis.database import WriteSession
from chassis.sealing import Sealer
from chassis.working_days import local_day
from services.application.domain.case import Case
from services.application.domain.clock import terms
from services.application.domain.documents import KINDS, Kind, compose
from services.application.domain.lifecycle import Act
from services.application.repository import Cases, Documents
from services.application.repository.documents import no_reasons, remedies, templates
from services.application.repository.schedules import schedule_of


async def issue(session: WriteSession, case: Case, act: Act, sealer: Sealer, *, at: datetime) -> None:
    """Of the case as it is after the act; none for an act that needs none."""
    kind = KINDS.get(act)
    if kind is None:
        return
    cases, documents = Cases(session, sealer), Documents(session, sealer)
    document = compose(
        case,
        kind,
        templates()[kind],
        remedies(),
        number=await documents.number(case, kind, at),
        addressee=(await cases.applicant(case))["name"],
        titles=await _titles(cases, case),
        no_reasons=no_reasons(),
        at=at,
        answer_by=await _answer_by(session, case) if kind is Kind.CORRECTION else None,
    )
    await documents.add(case, document)


async def _titles(cases: Cases, case: Case) -> dict[str, str]:
    """Of the fields that a notice asks for."""
    wanted = case.asked.fields if case.asked else ()
    return {each.name: each.title for each in await cases.values(case) if each.name in wanted} if wanted else {}


async def _answer_by(session: WriteSession, case: Case) -> date | None:
    term = terms(case, await schedule_of(session)).correction
    return local_day(term.at) if term else None
