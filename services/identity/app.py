from fastapi import FastAPI

from chassis.clock import Clock
from chassis.database import Database
from chassis.http import build_app
from chassis.sealing import Sealer
from services.identity.neighbours import HttpProviders
from services.identity.pages import Pages
from services.identity.routes import router
from services.identity.settings import IdentitySettings
from services.identity.tokens.signer import TokenSigner


def create(settings: IdentitySettings, database: Database, clock: Clock) -> FastAPI:
    return build_app(
        settings,
        router,
        database=database,
        clock=clock,
        sealer=Sealer.from_file(settings.data_key_file),
        signer=TokenSigner.from_file(settings.public_url, settings.signing_key_file),
        providers=HttpProviders(settings),
        pages=Pages(),
    )
