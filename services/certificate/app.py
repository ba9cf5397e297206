from fastapi import FastAPI

from chassis.clock import Clock
from chassis.database import Database
from chassis.http import build_app
from chassis.sealing import Sealer
from services.certificate.routes import router
from services.certificate.settings import CertificateSettings
from services.certificate.signing import CertificateSigner


def create(settings: CertificateSettings, database: Database, clock: Clock) -> FastAPI:
    return build_app(
        settings,
        router,
        database=database,
        clock=clock,
        life_settings=settings,
        sealer=Sealer.from_file(settings.data_key_file),
        signer=CertificateSigner.from_file(settings.signing_key_file),
    )
