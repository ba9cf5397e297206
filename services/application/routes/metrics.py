"""What intake comes to in figures."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import Query, Response

from chassis.http import Audience, Clock, Database, Router, Sealer, guard
from contracts.api import application as api
from contracts.permissions import Permission
from contracts.strict import Instant
from contracts.values import CaseNumber, Grade
from services.application.queries import materials as queries
from services.application.repository import Cases
from services.application.routes.dependencies import Applicant, disclosed

router = Router()

_READ: Final = guard(Permission.CASE_METRICS_READ, audience=Audience.OPERATOR)
_USUAL: Final = timedelta(days=30)

Moment = Annotated[Instant | None, Query()]


@router.get("/case-metrics/filling-times", **_READ)
async def filling_times(database: Database, clock: Clock, since: Moment = None, until: Moment = None) -> api.FillingTimes:
    """From the first edit of a draft to its submission, p50 and p90, of each matter and of all; of the last 30 days unless said."""
    end = until or clock.now()
    async with database.reading() as session:
        return await queries.filling_times(session, since=since or end - _USUAL, until=end)


@router.get("/case-metrics/waivers", **_READ)
async def waivers(database: Database, clock: Clock, since: Moment = None, until: Moment = None) -> api.WaiverFigures:
    """免交材料比例: how many of the required materials nobody had to bring, by way; of the last 30 days unless said."""
    end = until or clock.now()
    async with database.reading() as session:
        return await queries.waiver_figures(session, since=since or end - _USUAL, until=end)


@router.get("/cases/{number}/waivers", **guard(Permission.CASE_READ, audience=Audience.SUBJECT, assurance=2, grade=Grade.PERSONAL))
async def of_case(number: CaseNumber, applicant: Applicant, database: Database, sealer: Sealer, response: Response) -> api.CaseWaivers:
    """What I did not have to bring."""
    async with database.reading() as session:
        repository = Cases(session, sealer)
        case = await repository.of_applicant(number, applicant)
        found = queries.waivers(number, await repository.materials(case))
    if applicant.actor:
        disclosed(response, applicant, purpose=number, items=("免交材料 waivers",))
    return found
