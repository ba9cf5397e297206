"""文书: what the agency told in writing, as text and as a sealed PDF."""

import asyncio
import base64
import hashlib
from collections.abc import Sequence
from typing import Annotated, Final, Literal

from fastapi import Depends, Path, Query, Request, Response

from chassis.clock import Clock as ClockOfService
from chassis.database import Database as DatabaseOfService
from chassis.http import Audience, Clock, Database, Router, Sealer, guard
from chassis.sealing import Sealer as DataSealer
from contracts.api import application as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import CaseNumber, Grade, StatutoryDocumentId
from services.application.domain.case import Case
from services.application.domain.seals import Seal as SealOfAgencies
from services.application.domain.seals import Sheet
from services.application.pages import pdf
from services.application.repository import Cases, Documents, Issued, put_sheet
from services.application.routes.dependencies import Applicant, Seal, Within, disclosed

router = Router()

_MINE: Final = guard(Permission.CASE_READ, audience=Audience.SUBJECT, assurance=2, grade=Grade.PERSONAL)
_HANDLED: Final = guard(Permission.CASE_HANDLE, audience=Audience.PARTY, grade=Grade.SENSITIVE)
Number = Annotated[CaseNumber, Path()]
DocumentNamed = Annotated[StatutoryDocumentId, Path()]
Wanted = Annotated[Literal["pdf", "text"] | None, Query(alias="format")]


class Press:
    """Prints and seals what was not asked for before, and keeps it: from then on it is the same bytes."""

    def __init__(self, database: DatabaseOfService, clock: ClockOfService, sealer: DataSealer, seal: SealOfAgencies) -> None:
        self._database = database
        self._clock = clock
        self._sealer = sealer
        self._seal = seal

    async def listed(self, case: Case) -> Page[api.CaseDocument]:
        async with self._database.reading() as session:
            issued = await Documents(session, self._sealer).of_case(case.id)
        if await self._print(issued):
            async with self._database.reading() as session:
                issued = await Documents(session, self._sealer).of_case(case.id)
        return Page(items=[self._shown(each) for each in issued])

    async def answer(self, case: Case, document_id: StatutoryDocumentId, wanted: str) -> Response:
        async with self._database.reading() as session:
            issued = await Documents(session, self._sealer).one(case.id, document_id)
        if wanted == "text":
            return Response(issued.document.text(), media_type="text/plain")
        if await self._print([issued]):
            async with self._database.reading() as session:
                issued = await Documents(session, self._sealer).one(case.id, document_id)
        return Response(_sheet(issued).content, media_type="application/pdf")

    async def _print(self, issued: Sequence[Issued]) -> bool:
        """Whether there was anything to print."""
        sheets = [(each.id, await self._sealed(each)) for each in issued if each.sheet is None]
        if not sheets:
            return False
        async with self._database.transaction() as session:
            for document_id, sheet in sheets:
                await put_sheet(session, document_id, sheet, self._sealer)
        return True

    async def _sealed(self, issued: Issued) -> Sheet:
        content = await asyncio.to_thread(pdf, issued.document, self._seal.legend)
        signature = await self._seal.sign(issued.document.agency, content)
        return Sheet(content, hashlib.sha256(content).digest(), signature, self._clock.now())

    def _shown(self, issued: Issued) -> api.CaseDocument:
        document, sheet = issued.document, _sheet(issued)
        return api.CaseDocument(
            id=issued.id,
            kind=document.kind.value,
            zh=document.title.zh,
            en=document.title.en,
            number=document.number,
            agency=document.agency,
            agency_name=document.agency_name,
            issued_on=document.issued_on,
            issued_at=document.issued_at,
            seal=api.DocumentSeal(
                sha256=sheet.digest.hex(),
                algorithm=sheet.signature.algorithm,
                key_id=sheet.signature.key_id,
                signature=base64.b64encode(sheet.signature.value).decode(),
                public_key=sheet.signature.public_key,
                is_test=sheet.signature.is_test,
                sealed_at=sheet.sealed_at,
            ),
        )


def _sheet(issued: Issued) -> Sheet:
    assert issued.sheet is not None
    return issued.sheet


async def _press(database: Database, clock: Clock, sealer: Sealer, seal: Seal) -> Press:
    return Press(database, clock, sealer, seal)


async def _wanted(request: Request, wanted: Wanted = None) -> str:
    """What the query says, else what the caller accepts; a PDF unless it is text alone."""
    accepted = request.headers.get("accept", "")
    return wanted or ("text" if accepted.partition(";")[0].strip() == "text/plain" else "pdf")


OpenPress = Annotated[Press, Depends(_press)]
Form = Annotated[str, Depends(_wanted)]


@router.get("/cases/{number}/documents", **_MINE)
async def mine(
    number: Number, applicant: Applicant, database: Database, sealer: Sealer, press: OpenPress, response: Response
) -> Page[api.CaseDocument]:
    """What the agency told me in writing, first things first, with what each seal is checked by."""
    async with database.reading() as session:
        case = await Cases(session, sealer).of_applicant(number, applicant)
    if applicant.actor:
        disclosed(response, applicant, purpose=number, items=("文书 documents",))
    return await press.listed(case)


@router.get("/cases/{number}/documents/{document_id}", response_class=Response, **_MINE)
async def one_of_mine(
    number: Number, document_id: DocumentNamed, applicant: Applicant, database: Database, sealer: Sealer, press: OpenPress, form: Form
) -> Response:
    """One of them: the sealed PDF, or its text for `format=text` or `Accept: text/plain`."""
    async with database.reading() as session:
        case = await Cases(session, sealer).of_applicant(number, applicant)
    answer = await press.answer(case, document_id, form)
    return disclosed(answer, applicant, purpose=number, items=("文书 document",)) if applicant.actor else answer


@router.get("/cases/{number}/dossier/documents", **_HANDLED)
async def handled(
    number: Number, scope: Within, database: Database, sealer: Sealer, press: OpenPress, response: Response
) -> Page[api.CaseDocument]:
    """What was told in writing in a case that we handle."""
    async with database.reading() as session:
        case = await Cases(session, sealer).within(number, scope)
    disclosed(response, case.applicant, purpose=number, grade=Grade.SENSITIVE, items=("文书 documents",))
    return await press.listed(case)


@router.get("/cases/{number}/dossier/documents/{document_id}", response_class=Response, **_HANDLED)
async def one_handled(
    number: Number, document_id: DocumentNamed, scope: Within, database: Database, sealer: Sealer, press: OpenPress, form: Form
) -> Response:
    """One of them: the sealed PDF, or its text for `format=text` or `Accept: text/plain`."""
    async with database.reading() as session:
        case = await Cases(session, sealer).within(number, scope)
    answer = await press.answer(case, document_id, form)
    return disclosed(answer, case.applicant, purpose=number, grade=Grade.SENSITIVE, items=("文书 document",))
