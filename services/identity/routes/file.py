"""一人一档, 一企一档, and what a person agreed to."""

import asyncio
from typing import Annotated

from fastapi import Depends, Request, Response

from chassis.database import Database as DatabaseOfService
from chassis.http import Audience, Caller, CallerFacts, Clock, Database, Mesh, Router, Sealer, disclose_own, guard
from chassis.working_days import local_day
from contracts.api.identity import file as api
from contracts.permissions import Permission
from contracts.values import ConsentId, Grade, OrganisationId, PersonId
from services.identity.commands.consents import withdraw_from_client
from services.identity.neighbours import Keepers
from services.identity.queries import consents
from services.identity.queries import file as queries
from services.identity.queries.file_sections import Asked
from services.identity.routes.dependencies import Organisation

router = Router()

_LOOK, _EXPORT = "查阅档案 own file", "导出档案 export of own file"
_FRESH_S = 300

_MASKED = guard(Permission.OWN_FILE_READ, audience=Audience.PERSON, assurance=2, grade=Grade.PERSONAL)
_IN_FULL = guard(Permission.OWN_FILE_REVEAL, audience=Audience.PERSON, assurance=3, max_age_s=_FRESH_S, grade=Grade.SENSITIVE)
# The right to a copy does not ask how sure the city is of somebody; a fresh proof it does ask for.
_EXPORTED = guard(Permission.OWN_FILE_REVEAL, audience=Audience.PERSON, assurance=1, max_age_s=_FRESH_S, grade=Grade.SENSITIVE)
_COMPANY = guard(Permission.OWN_FILE_READ, audience=Audience.SUBJECT, assurance=2, grade=Grade.PERSONAL)
_COMPANY_IN_FULL = guard(Permission.OWN_FILE_REVEAL, audience=Audience.SUBJECT, assurance=3, max_age_s=_FRESH_S, grade=Grade.SENSITIVE)


class Files:
    """Puts together what the mesh knows of the caller's subject, and says so to the ledger as one look."""

    def __init__(self, request: Request, caller: Caller, database: Database, mesh: Mesh, sealer: Sealer, clock: Clock) -> None:
        self._caller: CallerFacts = caller
        self._database: DatabaseOfService = database
        self._mesh, self._sealer, self._clock = mesh, sealer, clock
        self._deadline_s: float = request.app.state.file_deadline_s

    def keepers(self, subject: PersonId | OrganisationId, purpose: str) -> Keepers:
        return Keepers(self._mesh, self._caller, subject, purpose, self._deadline_s)

    async def consents(self, person_id: PersonId, purpose: str) -> tuple[api.State, list[api.Consent]]:
        async with self._database.reading() as session:
            own = await consents.to_clients(session, person_id)
        state, of_cases = await self.keepers(person_id, purpose).consents()
        # Those to clients are here in any case.
        return ("complete" if state == "complete" else "partial"), consents.merged(own, of_cases)

    async def answer(self, response: Response, subject: PersonId | OrganisationId, *, reveal: bool, purpose: str = _LOOK) -> api.File:
        asked = Asked(subject, self._sealer, reveal, self._clock.now())
        async with self._database.reading() as session:
            sections = await queries.own_sections(session, asked)
        others = queries.other_sections(self.keepers(subject, purpose), reveal=reveal)
        if isinstance(subject, PersonId):
            given, elsewhere = await asyncio.gather(self.consents(subject, purpose), others)
            sections |= queries.consent_section(*given)
        else:
            elsewhere = await others
        sections |= elsewhere
        grade = Grade.SENSITIVE if reveal else Grade.PERSONAL
        disclose_own(response, self._caller, purpose=purpose, grade=grade, items=[each.title for each in sections.values() if each.records])
        response.headers["cache-control"] = "no-store"
        return queries.file_of(asked, sections)


async def _files(request: Request, caller: Caller, database: Database, mesh: Mesh, sealer: Sealer, clock: Clock) -> Files:
    return Files(request, caller, database, mesh, sealer, clock)


FilesOfCaller = Annotated[Files, Depends(_files)]


@router.get("/persons/me/file", **_MASKED)
async def mine(caller: Caller, files: FilesOfCaller, response: Response) -> api.File:
    """Everything the mesh knows of me, each field with its source and time; what identifies me is masked."""
    return await files.answer(response, caller.required_person(), reveal=False)


@router.get("/persons/me/file/revealed", **_IN_FULL)
async def mine_revealed(caller: Caller, files: FilesOfCaller, response: Response) -> api.File:
    """The same with nothing masked, for a real person who has just signed on."""
    return await files.answer(response, caller.required_person(), reveal=True)


@router.get("/persons/me/export", **_EXPORTED)
async def export(caller: Caller, files: FilesOfCaller, clock: Clock, response: Response) -> api.File:
    """The same to keep, as a document. Source: 个人信息保护法 Art. 45."""
    found = await files.answer(response, caller.required_person(), reveal=True, purpose=_EXPORT)
    response.headers["content-disposition"] = f'attachment; filename="tongban-file-{local_day(clock.now())}.json"'
    return found


@router.get("/organisations/me/file", **_COMPANY)
async def of_organisation(organisation: Organisation, files: FilesOfCaller, response: Response) -> api.File:
    """Everything the mesh knows of the organisation I act for."""
    return await files.answer(response, organisation, reveal=False)


@router.get("/organisations/me/file/revealed", **_COMPANY_IN_FULL)
async def of_organisation_revealed(organisation: Organisation, files: FilesOfCaller, response: Response) -> api.File:
    """The same with nothing masked, for somebody who has just signed on."""
    return await files.answer(response, organisation, reveal=True)


@router.get("/persons/me/consents", **guard(Permission.CONSENT_READ, audience=Audience.PERSON, assurance=2, grade=Grade.PERSONAL))
async def given(caller: Caller, files: FilesOfCaller) -> api.Consents:
    """What I agreed to: for whom, what for, and whether it still holds."""
    state, items = await files.consents(caller.required_person(), "同意记录 own consents")
    return api.Consents(items=items, is_complete=state == "complete")


@router.delete(
    "/persons/me/consents/{consent_id}",
    status_code=204,
    **guard(Permission.CONSENT_WITHDRAW, audience=Audience.PERSON, assurance=2, grade=Grade.PERSONAL),
)
async def withdraw(consent_id: ConsentId, caller: Caller, database: Database, clock: Clock, files: FilesOfCaller) -> None:
    """It holds no longer, at once; withdrawing it again changes nothing. An application's access ends with its consent."""
    person_id = caller.required_person()
    async with database.transaction() as session:
        is_done = await withdraw_from_client(session, consent_id, person_id, at=clock.now())
    if not is_done:
        await files.keepers(person_id, "撤回同意 withdrawal of a consent").withdraw(consent_id)
