import asyncio
import io
from datetime import timedelta
from typing import Annotated, Any

import segno
from fastapi import Depends, Request, Response

from chassis.database import WriteSession
from chassis.errors import NotFound, RefusedByNeighbour
from chassis.http import Audience, Caller, Clock, Database, Fetched, Mesh, MeshClient, Once, Router, Sealer, disclose, disclose_own, guard
from chassis.working_days import local_day
from contracts.api import certificate as api
from contracts.api.catalogue import Definition
from contracts.api.file import FileSection
from contracts.permissions import Permission
from contracts.values import CertificateId, CertificateTypeCode, Grade, Id, OrganisationId, PersonId, TaskCode
from services.certificate import commands, queries
from services.certificate.domain import NotByMandate
from services.certificate.domain import Subject as SubjectOfCertificates
from services.certificate.settings import CertificateSettings
from services.certificate.signing import CertificateSigner

router = Router()


async def _signer(request: Request) -> CertificateSigner:
    signer: CertificateSigner = request.app.state.signer
    return signer


async def _settings(request: Request) -> CertificateSettings:
    settings: CertificateSettings = request.app.state.life_settings
    return settings


async def _subject(caller: Caller) -> SubjectOfCertificates:
    """A person acts for themself here; for an organisation acts whoever has its mandate. Raises NotByMandate."""
    if caller.organisation is None and caller.actor is not None:
        raise NotByMandate
    return SubjectOfCertificates(caller.required_subject(), caller.mandate_matters)


Subject = Annotated[SubjectOfCertificates, Depends(_subject)]
Signer = Annotated[CertificateSigner, Depends(_signer)]
Settings = Annotated[CertificateSettings, Depends(_settings)]


@router.post("/certificate-types/imports", **guard(Permission.CERTIFICATE_TYPE_IMPORT, audience=Audience.PARTY))
async def import_types(body: api.ImportTypes, database: Database, clock: Clock) -> api.TypesImported:
    """Import certificate types, all or nothing."""
    async with database.transaction() as session:
        return await commands.import_types(session, body, at=clock.now())


@router.get("/certificate-types", **guard(Permission.CERTIFICATE_TYPE_READ, audience=Audience.PARTY, grade=Grade.PUBLIC))
async def certificate_types(database: Database) -> list[api.CertificateType]:
    async with database.reading() as session:
        return await queries.types(session)


@router.get("/certificate-types/{code}", **guard(audience=Audience.INTERNAL, services=("application",), grade=Grade.PUBLIC))
async def certificate_type(code: CertificateTypeCode, database: Database) -> api.CertificateType:
    async with database.reading() as session:
        return await queries.one_type(session, code)


@router.post("/certificate-types/{code}/contents", **guard(audience=Audience.INTERNAL, services=("application",)))
async def check_content(code: CertificateTypeCode, body: api.CheckContent, database: Database) -> api.CheckedContent:
    """What keeps this content from making a certificate of the type; members unknown to the type do not count."""
    async with database.reading() as session:
        return await queries.check(session, code, body.content)


@router.post(
    "/certificates/deposits",
    status_code=201,
    response_model=api.Deposited,
    **guard(Permission.CERTIFICATE_DEPOSIT, audience=Audience.PARTY, grade=Grade.PERSONAL),
)
async def deposit(body: api.Deposit, caller: Caller, clock: Clock, once: Once, sealer: Sealer, signer: Signer) -> Response:
    """Hand in a certificate that was issued before."""

    async def work(session: WriteSession) -> api.Deposited:
        certificate = await commands.deposit(session, body, sealer, signer, by=caller.agency, at=clock.now())
        return api.Deposited(certificate_id=certificate.id, identifier=certificate.identifier)

    return await once.answer(work, status=201)


@router.get("/certificates", **guard(Permission.CERTIFICATE_READ, audience=Audience.SUBJECT, assurance=2, grade=Grade.PERSONAL))
async def mine(subject: Subject, database: Database, clock: Clock, sealer: Sealer) -> list[api.Summary]:
    """What I hold, or the organisation that I act for, in the matters of my mandate; nothing in the list identifies the holder."""
    async with database.reading() as session:
        return await queries.mine(session, subject, sealer, today=local_day(clock.now()))


@router.get(
    "/certificates/{certificate_id}", **guard(Permission.CERTIFICATE_READ, audience=Audience.SUBJECT, assurance=2, grade=Grade.PERSONAL)
)
async def one(
    certificate_id: CertificateId,
    subject: Subject,
    caller: Caller,
    database: Database,
    clock: Clock,
    sealer: Sealer,
    response: Response,
) -> api.Certificate:
    async with database.reading() as session:
        certificate = await queries.one(session, certificate_id, subject, sealer, today=local_day(clock.now()))
    disclose_own(response, caller, purpose="certificate", items=(certificate.name,))
    return certificate


@router.post(
    "/certificates/{certificate_id}/presentations",
    status_code=201,
    **guard(Permission.CERTIFICATE_PRESENT, audience=Audience.SUBJECT, assurance=3, grade=Grade.PERSONAL),
)
async def present(
    certificate_id: CertificateId, body: api.Present, subject: Subject, database: Database, clock: Clock, sealer: Sealer, settings: Settings
) -> api.Presented:
    """Show a certificate 亮证: a code that one verifier may use once, within a minute. Asking again makes another code."""
    life = timedelta(seconds=settings.presentation_life_s)
    async with database.transaction() as session:
        code, expires_at = await commands.present(session, certificate_id, subject, body.purpose, sealer, life=life, at=clock.now())
    return api.Presented(code=code, expires_at=expires_at, qr_svg=await asyncio.to_thread(_qr, code))


@router.post("/presentations/verifications", **guard(Permission.CERTIFICATE_VERIFY, audience=Audience.PARTY, grade=Grade.PERSONAL))
async def verify(
    body: api.VerifyPresentation, caller: Caller, database: Database, clock: Clock, sealer: Sealer, signer: Signer, response: Response
) -> api.VerifiedPresentation:
    """Check a shown code. The verifier learns the state, the issuer and a masked holder; the holder learns who looked."""
    async with database.transaction() as session:
        certificate, holder = await commands.verify(session, body.code, sealer, verifier=caller.required_party(), at=clock.now())
        shown = await queries.verified(session, certificate, today=local_day(clock.now()), is_signature_valid=signer.is_signed(certificate))
    persons, organisations = [holder] if isinstance(holder, PersonId) else [], [holder] if isinstance(holder, OrganisationId) else []
    disclose(response, subjects=persons, organisations=organisations, purpose=body.purpose, items=(shown.name,))
    return shown


@router.get("/certificate-keys", **guard(Permission.CERTIFICATE_READ, audience=Audience.OPEN, grade=Grade.PUBLIC))
async def keys(signer: Signer) -> dict[str, Any]:
    """The public keys that certificates are signed with (a JWK set)."""
    return signer.key_set()


@router.post("/holdings", **guard(audience=Audience.INTERNAL, services=("application", "catalogue"), grade=Grade.PERSONAL))
async def holdings(
    body: api.AskHoldings, caller: Caller, database: Database, clock: Clock, sealer: Sealer, response: Response
) -> list[api.Holding]:
    async with database.reading() as session:
        found = await queries.holdings(session, body, sealer, today=local_day(clock.now()))
    if found:
        disclose(response, subjects=[body.person_id], purpose=caller.purpose or "unstated", items=[each.name for each in found])
    return found


@router.post("/certificates/{certificate_id}/uses", **guard(audience=Audience.INTERNAL, services=("application",), grade=Grade.SENSITIVE))
async def use(
    certificate_id: CertificateId,
    body: api.UseCertificate,
    database: Database,
    mesh: Mesh,
    clock: Clock,
    sealer: Sealer,
    response: Response,
) -> api.UsedCertificate:
    """The annotated copy for a case whose matter lists the type; however often it is asked for, the one made first."""
    async with database.reading() as session:
        copy = await queries.used(session, certificate_id, body, sealer)
    if copy is None:
        materials = await _materials(mesh, body.task_code, body.version)
        async with database.transaction() as session:
            await commands.use(session, certificate_id, body, sealer, materials=materials, at=clock.now())
            copy = await queries.used(session, certificate_id, body, sealer)
    assert copy is not None
    disclose(response, subjects=[body.person_id], purpose=body.case_number, grade=Grade.SENSITIVE, items=(copy.name,))
    return copy


@router.get("/subjects/{subject_id}/file", **guard(audience=Audience.INTERNAL, services=("identity",), grade=Grade.SENSITIVE))
async def file(
    subject_id: Id,
    caller: Caller,
    database: Database,
    clock: Clock,
    sealer: Sealer,
    response: Response,
    before: CertificateId | None = None,
    reveal: bool = False,
) -> FileSection:
    """What is kept here of the subject on whose behalf identity asks."""
    caller.check_subject(subject_id)
    subject = SubjectOfCertificates(caller.required_subject(), caller.mandate_matters)
    async with database.reading() as session:
        found = await queries.file(session, subject, sealer, before=before, reveal=reveal, today=local_day(clock.now()))
    if found.items:
        disclose_own(response, caller, purpose=caller.purpose or "unstated", grade=Grade.SENSITIVE, items=("证照 certificates",))
    return found


async def _materials(mesh: MeshClient, task_code: TaskCode, version: int | None) -> frozenset[CertificateTypeCode]:
    """The types of certificate that the matter lists in this version, or in the one in force; none when there is no such."""
    query = f"?version={version}" if version else ""
    try:
        found: Fetched[Definition] = await mesh.get("catalogue", f"/matters/{task_code}/definition{query}", model=Definition)
    except (NotFound, RefusedByNeighbour):
        return frozenset()
    return frozenset(each.certificate_type for each in found.value.materials if each.certificate_type)


def _qr(code: str) -> str:
    out = io.BytesIO()
    segno.make(code, error="m").save(out, kind="svg", scale=4, xmldecl=False, svgns=True)
    return out.getvalue().decode()
