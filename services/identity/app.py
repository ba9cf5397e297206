from datetime import timedelta
from operator import attrgetter

from fastapi import FastAPI

from chassis.clock import Clock
from chassis.database import Database, Grouped, ReadSession
from chassis.http import build_app
from chassis.sealing import Sealer
from contracts.values import PersonId
from services.identity.domain.timings import Timings
from services.identity.neighbours import HttpProviders
from services.identity.pages import Pages
from services.identity.queries.credit import CreditStandings
from services.identity.repository import KnownClients
from services.identity.repository.city_code_uses import use
from services.identity.repository.known_persons import KnownPerson, known_persons
from services.identity.repository.standing import hold
from services.identity.routes import router
from services.identity.routes.city_code_verifications import Counter
from services.identity.routes.cross_origin import CrossOrigin
from services.identity.routes.dependencies import LifeOfCodes
from services.identity.routes.short_profiles import Profiles
from services.identity.routes.short_ways import Desk, Introspections, OwnTokens
from services.identity.settings import IdentitySettings
from services.identity.signing import CityCodeKeys
from services.identity.tokens.key_ring import KeyRing
from services.identity.tokens.signer import TokenSigner
from services.identity.upstreams import Upstreams


def create(settings: IdentitySettings, database: Database, clock: Clock) -> FastAPI:
    sealer = Sealer.from_file(settings.data_key_file)
    clients = KnownClients(database, clock)
    code_keys = CityCodeKeys.from_files(settings.city_code_key_file, settings.city_code_retired_keys_file)
    signer = TokenSigner(settings.public_url, KeyRing.from_file(database, sealer, clock, settings.signing_key_file))
    providers = HttpProviders(settings)
    standings = CreditStandings(providers, clock, kept=timedelta(seconds=settings.credit_kept_s))
    app = build_app(
        settings,
        router,
        database=database,
        clock=clock,
        sealer=sealer,
        signer=signer,
        clients=clients,
        timings=Timings(
            pushed_request=timedelta(seconds=settings.pushed_request_life_s),
            refresh_grace=timedelta(seconds=settings.refresh_grace_s),
            signing_key_wait=timedelta(seconds=settings.signing_key_wait_s),
        ),
        code_keys=code_keys,
        code_life=LifeOfCodes.of(settings),
        counter=Counter(code_keys, Grouped(database, use, key=attrgetter("key")), sealer, clock),
        providers=providers,
        standings=standings,
        pages=Pages(),
        upstreams=Upstreams.from_file(settings.federation_file, timeout_s=settings.provider_timeout_ms / 1000),
        file_deadline_s=settings.file_deadline_ms / 1000,
        closed_accounts_kept=timedelta(days=settings.closed_account_days),
    )
    app.add_middleware(CrossOrigin, clients=clients)

    async def known(session: ReadSession, ids: list[PersonId]) -> list[KnownPerson | None]:
        return await known_persons(session, ids, sealer)

    app.add_middleware(Profiles, verifier=app.state.verifier, known=Grouped(database, known, key=id), standings=standings)
    desk = Desk(clients, signer, sealer, app.state.verifier, clock, Grouped(database, hold, key=id))
    app.add_middleware(OwnTokens, desk=desk)
    app.add_middleware(Introspections, desk=desk)
    return app
