"""What identity's routes ask for beside the usual."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import Depends, Query, Request

from chassis.clock import Clock
from chassis.database import Database
from chassis.errors import Forbidden
from chassis.http import Caller
from chassis.sealing import Sealer
from contracts.values import OrganisationId
from services.identity.domain.timings import Timings
from services.identity.neighbours import Providers as ProvidersProtocol
from services.identity.pages import Pages as PagesOfSignOn
from services.identity.queries.credit import CREDIT_READERS, CreditStandings
from services.identity.repository import KnownClients
from services.identity.settings import IdentitySettings
from services.identity.signing import CityCodeKeys
from services.identity.tokens.signer import TokenSigner
from services.identity.upstreams import Upstreams as UpstreamsOfCity


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What an endpoint of the protocol works with."""

    database: Database
    clock: Clock
    sealer: Sealer
    signer: TokenSigner
    clients: KnownClients
    timings: Timings
    providers: ProvidersProtocol

    @property
    def issuer(self) -> str:
        return self.signer.issuer


@dataclass(frozen=True, slots=True)
class LifeOfCodes:
    """How long city codes live on screens and on paper, and when an app asks for the next."""

    seconds: int
    refresh_in_s: int
    paper_days: int

    @classmethod
    def of(cls, settings: IdentitySettings) -> "LifeOfCodes":
        return cls(settings.city_code_life_s, settings.city_code_refresh_s, settings.paper_code_life_days)


async def _providers(request: Request) -> ProvidersProtocol:
    providers: ProvidersProtocol = request.app.state.providers
    return providers


async def _standings(request: Request) -> CreditStandings:
    standings: CreditStandings = request.app.state.standings
    return standings


async def _with_credit(caller: Caller, also: Annotated[Literal["credit"] | None, Query(alias="with")] = None) -> bool:
    if also and caller.issuer not in CREDIT_READERS:
        raise Forbidden("credit is for the intake of cases")
    return also is not None


async def _signer(request: Request) -> TokenSigner:
    """With the signing keys as they are now."""
    signer: TokenSigner = request.app.state.signer
    await signer.keys.freshen()
    return signer


async def _pages(request: Request) -> PagesOfSignOn:
    pages: PagesOfSignOn = request.app.state.pages
    return pages


async def _whole_organisation(caller: Caller) -> OrganisationId:
    """A mandate that is bound to matters reaches those matters, not everything that is known."""
    if caller.organisation is None:
        raise Forbidden("this needs an organisation that is acted for")
    if caller.mandate_matters:
        raise Forbidden("a mandate bound to matters does not reach this")
    return caller.organisation


async def _kept(request: Request) -> timedelta:
    kept: timedelta = request.app.state.closed_accounts_kept
    return kept


async def _code_keys(request: Request) -> CityCodeKeys:
    keys: CityCodeKeys = request.app.state.code_keys
    return keys


async def _code_life(request: Request) -> LifeOfCodes:
    life: LifeOfCodes = request.app.state.code_life
    return life


Providers = Annotated[ProvidersProtocol, Depends(_providers)]
Standings = Annotated[CreditStandings, Depends(_standings)]
WithCredit = Annotated[bool, Depends(_with_credit)]
"""Whether a profile is to tell more than who somebody is."""
Signer = Annotated[TokenSigner, Depends(_signer)]
Pages = Annotated[PagesOfSignOn, Depends(_pages)]


async def _endpoint(request: Request, signer: Signer) -> Endpoint:
    state = request.app.state
    return Endpoint(state.database, state.clock, state.sealer, signer, state.clients, state.timings, state.providers)


AtEndpoint = Annotated[Endpoint, Depends(_endpoint)]
Organisation = Annotated[OrganisationId, Depends(_whole_organisation)]
Kept = Annotated[timedelta, Depends(_kept)]
"""How long the documents of a closed account are kept."""
CodeKeys = Annotated[CityCodeKeys, Depends(_code_keys)]
CodeLife = Annotated[LifeOfCodes, Depends(_code_life)]


async def _upstreams(request: Request) -> UpstreamsOfCity:
    upstreams: UpstreamsOfCity = request.app.state.upstreams
    return upstreams


Upstreams = Annotated[UpstreamsOfCity, Depends(_upstreams)]
