from fastapi import Response

from chassis.database import WriteSession
from chassis.http import Audience, Caller, Clock, Database, Once, Router, Sealer, disclose, guard
from contracts.api.identity import city_codes as api
from contracts.permissions import Permission
from contracts.values import CityCodeId, Grade, PersonId
from services.identity.commands import city_codes as commands
from services.identity.domain.city_codes import MandateDoesNotReach
from services.identity.queries import city_codes as queries
from services.identity.repository import Persons
from services.identity.repository.paper_codes import PaperCodes
from services.identity.routes.dependencies import CodeKeys, CodeLife

router = Router()

_PURPOSE = "纸质随申码 paper code"


def _holder(caller: Caller) -> PersonId:
    """The person, or whom a guardian acts for. Raises MandateDoesNotReach for who may act in some matters only."""
    if caller.mandate_matters:
        raise MandateDoesNotReach
    return caller.required_person()


@router.post(
    "/city-codes/paper",
    status_code=201,
    response_model=api.PaperCodePrinted,
    **guard(Permission.CITY_CODE_ISSUE, audience=Audience.SUBJECT, assurance=3, grade=Grade.PERSONAL),
)
async def print_own(caller: Caller, clock: Clock, sealer: Sealer, once: Once, keys: CodeKeys, life: CodeLife) -> Response:
    """A code to print, for me or a person I am guardian of; the one printed before ends."""
    holder, at = _holder(caller), clock.now()

    async def work(session: WriteSession) -> api.PaperCodePrinted:
        person = await Persons(session, sealer).get(holder)
        printed = await commands.print_paper(
            session, keys, holder, officer=None, by=caller.actor or holder, life_days=life.paper_days, at=at
        )
        return queries.printed(printed.paper, printed.code, person.real_name()[0])

    return disclose(await once.answer(work, status=201), subjects=[holder], purpose=_PURPOSE, items=("name_masked",))


@router.get("/city-codes/paper", **guard(Permission.CITY_CODE_ISSUE, audience=Audience.SUBJECT, assurance=2, grade=Grade.PERSONAL))
async def own(caller: Caller, database: Database, clock: Clock) -> list[api.PaperCode]:
    """My codes on paper that are still good."""
    async with database.reading() as session:
        return [queries.paper(each) for each in await PaperCodes(session).of(_holder(caller), at=clock.now())]


@router.delete(
    "/city-codes/paper/{paper_id}",
    status_code=204,
    **guard(Permission.CITY_CODE_ISSUE, audience=Audience.SUBJECT, assurance=2, grade=Grade.PERSONAL),
)
async def revoke_own(paper_id: CityCodeId, caller: Caller, database: Database, clock: Clock) -> None:
    holder = _holder(caller)
    async with database.transaction() as session:
        await PaperCodes(session).revoke(paper_id, of=holder, by=caller.actor or holder, at=clock.now())


@router.post(
    "/city-codes/window/paper",
    status_code=201,
    response_model=api.PaperCodePrinted,
    **guard(Permission.CITY_CODE_PRINT, audience=Audience.OPERATOR, grade=Grade.PERSONAL),
)
async def print_at_window(
    body: api.PrintPaperCode, caller: Caller, database: Database, clock: Clock, sealer: Sealer, once: Once, keys: CodeKeys, life: CodeLife
) -> Response:
    """A code to print for the person whose document the officer has seen; the one printed before ends."""
    at, officer = clock.now(), caller.required_officer()
    async with database.reading() as reading:
        person = await commands.identified(reading, body, sealer)

    async def work(session: WriteSession) -> api.PaperCodePrinted:
        by = commands.officer_in_words(officer, caller.required_party())
        printed = await commands.print_paper(session, keys, person.id, officer=officer, by=by, life_days=life.paper_days, at=at)
        return queries.printed(printed.paper, printed.code, person.real_name()[0])

    return disclose(await once.answer(work, status=201), subjects=[person.id], purpose=_PURPOSE, items=("name_masked",))


@router.delete(
    "/city-codes/window/paper/{paper_id}",
    status_code=204,
    **guard(Permission.CITY_CODE_PRINT, audience=Audience.OPERATOR, grade=Grade.PERSONAL),
)
async def revoke_at_window(paper_id: CityCodeId, caller: Caller, database: Database, clock: Clock) -> None:
    """Revoke a code that was found, or that its holder reports."""
    by = commands.officer_in_words(caller.required_officer(), caller.required_party())
    async with database.transaction() as session:
        await PaperCodes(session).revoke(paper_id, of=None, by=by, at=clock.now())
