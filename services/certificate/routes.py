import asyncio
import io
from datetime import timedelta
from typing import Annotated, Any

import segno
from fastapi import Depends, Request, Response

from chassis.database import WriteSession
from chassis.http import Audience, Caller, Clock, Database, Once, Router, disclose, guard
from chassis.sealing import Sealer as DataSealer
from contracts.api import certificate as api
from contracts.permissions import Permission
from contracts.values import CertificateId, Grade
from services.certificate import commands, queries
from services.certificate.commands import today
from services.certificate.repository import Certificates, Types
from services.certificate.settings import CertificateSettings
from services.certificate.signing import CertificateSigner

router = Router()


def _sealer(request: Request) -> DataSealer:
    sealer: DataSealer = request.app.state.sealer
    return sealer


def _signer(request: Request) -> CertificateSigner:
    signer: CertificateSigner = request.app.state.signer
    return signer


def _settings(request: Request) -> CertificateSettings:
    settings: CertificateSettings = request.app.state.life_settings
    return settings


Sealer = Annotated[DataSealer, Depends(_sealer)]
Signer = Annotated[CertificateSigner, Depends(_signer)]
Settings = Annotated[CertificateSettings, Depends(_settings)]


@router.post("/certificate-types/imports", **guard(Permission.CERTIFICATE_TYPE_IMPORT, audience=Audience.PARTY))
async def import_types(body: api.ImportTypes, database: Database) -> api.TypesImported:
    """Import certificate types, all or nothing."""
    async with database.transaction() as session:
        return await commands.import_types(session, body)


@router.get("/certificate-types", **guard(Permission.CERTIFICATE_TYPE_READ, audience=Audience.PARTY, grade=Grade.PUBLIC))
async def certificate_types(database: Database) -> list[api.CertificateType]:
    async with database.reading() as session:
        return sorted((await Types(session).all()).values(), key=lambda kind: kind.code)


@router.post(
    "/certificates/deposits",
    status_code=201,
    response_model=api.Deposited,
    **guard(Permission.CERTIFICATE_DEPOSIT, audience=Audience.PARTY, grade=Grade.PERSONAL),
)
async def deposit(body: api.Deposit, clock: Clock, once: Once, sealer: Sealer, signer: Signer) -> Response:
    """Hand in a certificate that was issued before."""

    async def work(session: WriteSession) -> api.Deposited:
        certificate = await commands.deposit(session, body, sealer, signer, at=clock.now())
        return api.Deposited(certificate_id=certificate.id, identifier=certificate.identifier)

    return await once.answer(work, status=201)


@router.get("/certificates", **guard(Permission.CERTIFICATE_READ, audience=Audience.PERSON, assurance=2, grade=Grade.PERSONAL))
async def mine(caller: Caller, database: Database, clock: Clock, sealer: Sealer) -> list[api.Summary]:
    """What I hold; nothing in the list identifies me."""
    async with database.reading() as session:
        return await queries.mine(session, caller.required_person(), sealer, today=today(clock.now()))


@router.get(
    "/certificates/{certificate_id}", **guard(Permission.CERTIFICATE_READ, audience=Audience.PERSON, assurance=2, grade=Grade.PERSONAL)
)
async def one(
    certificate_id: CertificateId, caller: Caller, database: Database, clock: Clock, sealer: Sealer, response: Response
) -> api.Certificate:
    person_id = caller.required_person()
    async with database.reading() as session:
        certificate = await Certificates(session, sealer).held(certificate_id, person_id)
        kind = await Types(session).get(certificate.type)
    disclose(response, subjects=[person_id], purpose="certificate", items=(kind.name,))
    return queries.in_full(certificate, kind.name, today=today(clock.now()))


@router.post(
    "/certificates/{certificate_id}/presentations",
    status_code=201,
    **guard(Permission.CERTIFICATE_PRESENT, audience=Audience.PERSON, assurance=3, grade=Grade.PERSONAL),
)
async def present(
    certificate_id: CertificateId, body: api.Present, caller: Caller, database: Database, clock: Clock, sealer: Sealer, settings: Settings
) -> api.Presented:
    """Show a certificate 亮证: a code that one verifier may use once, within a minute."""
    life = timedelta(seconds=settings.presentation_life_s)
    async with database.transaction() as session:
        code, expires_at = await commands.present(
            session, certificate_id, caller.required_person(), body.purpose, sealer, life=life, at=clock.now()
        )
    return api.Presented(code=code, expires_at=expires_at, qr_svg=await asyncio.to_thread(_qr, code))


@router.post("/presentations/verifications", **guard(Permission.CERTIFICATE_VERIFY, audience=Audience.PARTY, grade=Grade.PERSONAL))
async def verify(
    body: api.VerifyPresentation, caller: Caller, database: Database, clock: Clock, sealer: Sealer, signer: Signer, response: Response
) -> api.VerifiedPresentation:
    """Check a shown code. The verifier learns the state, the issuer and a masked holder; the holder learns who looked."""
    async with database.transaction() as session:
        certificate, person_id = await commands.verify(session, body.code, sealer, verifier=caller.required_party(), at=clock.now())
        kind = await Types(session).get(certificate.type)
    disclose(response, subjects=[person_id], purpose=body.purpose, items=(kind.name,))
    is_signed = signer.is_signed(certificate)
    return queries.verified(certificate, kind.name, today=today(clock.now()), is_signature_valid=is_signed)


@router.get("/certificate-keys", **guard(Permission.CERTIFICATE_READ, audience=Audience.OPEN, grade=Grade.PUBLIC))
async def keys(signer: Signer) -> dict[str, Any]:
    """The public keys that certificates are signed with (a JWK set)."""
    return signer.key_set()


@router.post("/holdings", **guard(audience=Audience.INTERNAL, services=("application", "catalogue"), grade=Grade.PERSONAL))
async def holdings(
    body: api.AskHoldings, caller: Caller, database: Database, clock: Clock, sealer: Sealer, response: Response
) -> list[api.Holding]:
    async with database.reading() as session:
        found = await queries.holdings(session, body, sealer, today=today(clock.now()))
    if found:
        disclose(response, subjects=[body.person_id], purpose=caller.purpose or "unstated", items=[each.name for each in found])
    return found


@router.post("/certificates/{certificate_id}/uses", **guard(audience=Audience.INTERNAL, services=("application",), grade=Grade.SENSITIVE))
async def use(
    certificate_id: CertificateId, body: api.UseCertificate, database: Database, clock: Clock, sealer: Sealer, response: Response
) -> api.UsedCertificate:
    async with database.transaction() as session:
        used = await commands.use(session, certificate_id, body, sealer, at=clock.now())
    disclose(response, subjects=[body.person_id], purpose=body.case_number, grade=Grade.SENSITIVE, items=(used.name,))
    return used


def _qr(code: str) -> str:
    out = io.BytesIO()
    segno.make(code, error="m").save(out, kind="svg", scale=4, xmldecl=False, svgns=True)
    return out.getvalue().decode()
