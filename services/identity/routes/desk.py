"""What the pages that people prove themselves on stand on, and how they look at the browser in front of them."""

import ipaddress
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Response

from chassis.clock import Clock as ClockProtocol
from chassis.database import Database as DatabaseOfService
from chassis.database import ReadSession
from chassis.http import Clock, Database, Sealer
from chassis.sealing import Sealer as DataSealer
from contracts.headers import SOURCE
from contracts.values import PersonId, StaffId
from services.identity.domain.devices import device_label
from services.identity.domain.persons import NoSuchPerson, Person
from services.identity.domain.sign_on import Session
from services.identity.neighbours import Providers as ProvidersProtocol
from services.identity.pages import Display
from services.identity.pages import Pages as PagesOfSignOn
from services.identity.passkeys import Site
from services.identity.repository import Persons
from services.identity.routes import cookies
from services.identity.routes.dependencies import Pages, Providers, Signer

_DISPLAY_S = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class AtDesk:
    database: DatabaseOfService
    clock: ClockProtocol
    sealer: DataSealer
    pages: PagesOfSignOn
    providers: ProvidersProtocol
    issuer: str
    site: Site | None
    """None where there can be no passkeys."""


async def _desk(database: Database, clock: Clock, sealer: Sealer, pages: Pages, providers: Providers, signer: Signer) -> AtDesk:
    return AtDesk(database, clock, sealer, pages, providers, signer.issuer, Site.of(signer.issuer))


Desk = Annotated[AtDesk, Depends(_desk)]


async def person_of(desk: AtDesk, reading: ReadSession, person_id: PersonId | StaffId | None) -> Person | None:
    """The person, while there is one."""
    if not isinstance(person_id, PersonId):
        return None
    try:
        return await Persons(reading, desk.sealer).get(person_id)
    except NoSuchPerson:
        return None


def source_of(request: Request) -> str:
    """The address that attempts count against; of IPv6 the network, because one host has all addresses in it."""
    said = request.headers.get(SOURCE, "")
    try:
        address = ipaddress.ip_address(said)
    except ValueError:
        return "unknown"
    return said if address.version == 4 else str(ipaddress.ip_network(f"{said.partition('%')[0]}/64", strict=False))


def shown_as(person: Person) -> str:
    """What a page calls somebody who is signed on, so that they know and others learn little."""
    named = person.name or person.phone
    return named.masked() if named else ""


def device_of(request: Request) -> str:
    return device_label(request.headers.get("user-agent", ""))


def display_of(request: Request, issuer: str, ui_locales: str | None = None) -> Display:
    return Display.of(cookies.read(request, issuer, cookies.DISPLAY), ui_locales, request.headers.get("accept-language"))


def keep_display(answer: Response, issuer: str, display: Display) -> None:
    cookies.write(answer, issuer, cookies.DISPLAY, display.cookie(), max_age_s=_DISPLAY_S)


def is_from_own_page(request: Request, issuer: str) -> bool:
    """Browsers say where a form comes from; what says nothing is no browser that could be misled."""
    return request.headers.get("origin", issuer) == issuer


def write_sign_on(answer: Response, issuer: str, sign_on: Session, cookie: str) -> None:
    """The cookie of a sign-on; it outlives the browser where its person chose a login-free period."""
    left = int((sign_on.expires_at - sign_on.proven_at).total_seconds()) if sign_on.expires_at > sign_on.fresh_until else None
    name = cookies.STAFF if sign_on.staff_id else cookies.SIGN_ON
    cookies.write(answer, issuer, name, cookie, max_age_s=left)
