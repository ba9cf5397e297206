"""预判 before a submission, and the outages of sources that explain an upload."""

from fastapi import Response

from chassis.database import WriteSession
from chassis.http import Audience, Caller, Clock, Database, Once, Router, Sealer, guard
from contracts.api import application as api
from contracts.permissions import Permission
from contracts.values import Grade, JudgementId
from services.application.repository import add_judgement, note_outage
from services.application.routes.accesses import Accounted
from services.application.routes.dependencies import Applicant, Asked, disclosed

router = Router()


@router.post("/judgements", status_code=201, **guard(Permission.FORM_READ, audience=Audience.SUBJECT, assurance=2, grade=Grade.PERSONAL))
async def judge(
    body: api.AskJudgement, applicant: Applicant, database: Database, clock: Clock, asked: Asked, sealer: Sealer, response: Response
) -> api.Judgement:
    """Whether I may apply, with the reasons. Whatever it says I may submit: what was told then goes with the case.

    A retry asks once more, and costs nothing: answers are not kept in the clear for it, as they would tell of the person.
    """
    applicant.check_matter(body.task_code)
    async with Accounted(asked, database, clock) as account:
        found = await asked.judged(body)
        said = api.Judgement(
            judgement_id=JudgementId.new(),
            task_code=body.task_code,
            version=found.version,
            answer=found.answer,
            zh=found.zh,
            en=found.en,
            grounds=found.grounds,
            missing=found.missing,
            judged_at=clock.now(),
        )
        async with database.transaction() as session:
            await add_judgement(session, applicant, said, sealer)
            await account.tell(session)
    disclosed(response, applicant, purpose=f"预判 judgement {body.task_code}", items=("预判 judgement",))
    return said


@router.post("/source-outages", status_code=201, response_model=api.Outage, **guard(Permission.OUTAGE_REPORT, audience=Audience.PARTY))
async def report(body: api.ReportOutage, caller: Caller, clock: Clock, once: Once) -> Response:
    """Tell that a source of materials does not answer: for a while, applicants may upload what it holds."""
    by = f"{caller.party_name}（{caller.officer}）" if caller.officer else caller.party_name

    async def work(session: WriteSession) -> api.Outage:
        at = clock.now()
        await note_outage(session, body.source, body.evidence, by=by, at=at)
        return api.Outage(source=body.source, evidence=body.evidence, seen_by=by, seen_at=at)

    return await once.answer(work, status=201)
