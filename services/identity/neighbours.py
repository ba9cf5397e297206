"""Outside providers (population base, exit-entry administration, face check, enterprise registry, SMS sender), whose contract
is a small JSON exchange (docs/providers.md); and the services of the mesh that keep something of a subject."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal, Protocol, TypeVar
from urllib.parse import urlencode

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport
from pydantic import BaseModel, ConfigDict, ValidationError

from chassis.errors import NotFound, ServiceError
from chassis.http import CallerFacts, MeshClient
from chassis.http.authorities import authorities
from contracts.api import application
from contracts.api.file import FileRecord, FileSection
from contracts.api.identity.file import State
from contracts.api.identity.messages import Channel, MessageState
from contracts.strict import Page
from contracts.values import ConsentId, CreditCode, Document, DocumentType, PersonId
from services.identity.domain.consents import NoSuchConsent
from services.identity.domain.logout import DELIVERY_DEADLINE
from services.identity.domain.persons import ProviderAway
from services.identity.settings import IdentitySettings

R = TypeVar("R", bound=BaseModel)

POPULATION_BASE: Final = "population-base"
EXIT_ENTRY: Final = "exit-entry"
FACE_CHECK: Final = "face-check"
ENTERPRISE_REGISTRY: Final = "enterprise-registry"
CREDIT_REGISTRY: Final = "credit-registry"
_PAGES: Final = 10
_NOT_FOUND: Final = 404
_NO_TIMEOUT: Final = aiohttp.ClientTimeout(total=None)


class Result(BaseModel):
    """`reference` finds the check at the provider."""

    model_config = ConfigDict(strict=True)

    is_match: bool
    reference: str


class RegistryResult(Result):
    """`state` is the organisation's, whether or not it matches; none when the registry knows no such code."""

    state: Literal["active", "dissolved"] | None = None


class CreditResult(BaseModel):
    """`is_listed`: on the list of serious breaches of trust 严重失信主体名单, and not yet off it again."""

    model_config = ConfigDict(strict=True)

    is_listed: bool
    reference: str


class Providers(Protocol):
    async def real_name(self, name: str, document: Document) -> Result: ...
    async def second_proof(self, resident_id: str, kind: str, number: str) -> Result: ...
    async def face(self, name: str, document: Document, capture: str) -> Result: ...
    async def guardianship(self, guardian: tuple[str, str], ward: tuple[str, str]) -> Result: ...
    async def organisation(
        self, credit_code: CreditCode, name: str, representative_name: str, representative_document: Document
    ) -> RegistryResult: ...
    async def licence(self, credit_code: CreditCode, representative_name: str, challenge: str, response: str) -> Result: ...
    async def credit(self, number: Document | CreditCode) -> CreditResult: ...
    async def send_sms(self, phone: str, text: str, key: str) -> None: ...
    async def send_push(self, person_id: PersonId, text: str, key: str) -> None: ...
    async def message_state(self, channel: Channel, key: str) -> MessageState: ...


def vouching(document: Document) -> str:
    """Who is asked about a document: the population base where the number is a resident's, or an officer's."""
    return POPULATION_BASE if document.resident_id or document.type is DocumentType.OFFICER else EXIT_ENTRY


class HttpProviders:
    """Raises ProviderAway when a provider does not answer in time or not as agreed.

    Connections are kept. aiohttp as it is, as for the neighbours of the mesh: with httpx around it a question costs twice as much.
    """

    def __init__(self, settings: IdentitySettings) -> None:
        self._settings = settings
        self._timeout_s = settings.provider_timeout_ms / 1000
        self._session: aiohttp.ClientSession | None = None

    async def real_name(self, name: str, document: Document) -> Result:
        base = self._settings.population_base_url if vouching(document) == POPULATION_BASE else self._settings.exit_entry_url
        path = "real-name-checks" if document.resident_id else "document-checks"
        return await self._ask(f"{base}/{path}", {"name": name, **_said(document)}, Result)

    async def second_proof(self, resident_id: str, kind: str, number: str) -> Result:
        url = f"{self._settings.population_base_url}/second-proof-checks"
        return await self._ask(url, {"resident_id": resident_id, "kind": kind, "number": number}, Result)

    async def face(self, name: str, document: Document, capture: str) -> Result:
        url = f"{self._settings.face_check_url}/face-checks"
        return await self._ask(url, {"name": name, "capture": capture, **_said(document)}, Result)

    async def organisation(
        self, credit_code: CreditCode, name: str, representative_name: str, representative_document: Document
    ) -> RegistryResult:
        url = f"{self._settings.enterprise_registry_url}/organisation-checks"
        representative = {"representative_name": representative_name, "representative_document": _described(representative_document)}
        return await self._ask(url, {"credit_code": credit_code, "name": name, **representative}, RegistryResult)

    async def licence(self, credit_code: CreditCode, representative_name: str, challenge: str, response: str) -> Result:
        url = f"{self._settings.enterprise_registry_url}/licence-checks"
        said = {"credit_code": credit_code, "representative_name": representative_name, "challenge": challenge, "response": response}
        return await self._ask(url, said, Result)

    async def guardianship(self, guardian: tuple[str, str], ward: tuple[str, str]) -> Result:
        """Both by name and resident id."""
        url = f"{self._settings.population_base_url}/guardianship-checks"
        said = {"guardian_name": guardian[0], "guardian_resident_id": guardian[1], "name": ward[0], "resident_id": ward[1]}
        return await self._ask(url, said, Result)

    async def credit(self, number: Document | CreditCode) -> CreditResult:
        said = _said(number) if isinstance(number, Document) else {"credit_code": str(number)}
        return await self._ask(f"{self._settings.credit_registry_url}/serious-breach-checks", said, CreditResult)

    async def send_sms(self, phone: str, text: str, key: str) -> None:
        await self._post(f"{self._settings.sms_url}/messages", {"phone": phone, "text": text, "key": key})

    async def send_push(self, person_id: PersonId, text: str, key: str) -> None:
        await self._post(f"{self._settings.push_url}/pushes", {"person_id": person_id, "text": text, "key": key})

    async def message_state(self, channel: Channel, key: str) -> MessageState:
        """Of one that the sender does not know yet: sent."""
        known = f"{self._settings.sms_url}/messages" if channel == "sms" else f"{self._settings.push_url}/pushes"
        try:
            status, said = await self._exchanged("GET", f"{known}/{key}")
            if status == _NOT_FOUND:
                return MessageState(state="sent")
            return MessageState.model_validate_json(_good(status, said))
        except ValidationError as error:
            raise ProviderAway from error

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _ask(self, url: str, said: dict[str, Any], answer: type[R]) -> R:
        try:
            return answer.model_validate_json(await self._post(url, said))
        except ValidationError as error:
            raise ProviderAway from error

    async def _post(self, url: str, said: dict[str, Any]) -> bytes:
        return _good(*await self._exchanged("POST", url, json=said))

    async def _exchanged(self, method: str, url: str, **said: Any) -> tuple[int, bytes]:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=authorities()), cookie_jar=aiohttp.DummyCookieJar(), timeout=_NO_TIMEOUT
            )
        asked = partial(self._session.request, method, url, allow_redirects=False, **said)
        try:
            # The library's limits are for each wait on the socket: a provider that trickles would never reach them.
            async with asyncio.timeout(self._timeout_s):
                try:
                    return await _answer(asked())
                except aiohttp.ServerDisconnectedError:
                    # A kept connection was closed over there meanwhile. A question may be asked twice, and a message goes out once a key.
                    return await _answer(asked())
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise ProviderAway from error


async def _answer(asking: AbstractAsyncContextManager[aiohttp.ClientResponse]) -> tuple[int, bytes]:
    async with asking as response:
        return response.status, await response.read()


def _good(status: int, said: bytes) -> bytes:
    """Raises ProviderAway."""
    if not 200 <= status < 300:
        raise ProviderAway
    return said


def _said(document: Document) -> dict[str, str]:
    """A resident number travels under its own name, every other document with its type."""
    if document.resident_id:
        return {"resident_id": document.resident_id}
    return _described(document)


def _described(document: Document) -> dict[str, str]:
    country = {"country": document.country} if document.country else {}
    return {"type": document.type.value, "number": document.number, **country}


@dataclass(frozen=True, slots=True)
class Keepers:
    """Asked on behalf of `act`, and only about the subject that it names. Each has `deadline_s` for all of its answer.

    What they disclose is disclosed by the answer that they are asked for, once and as a whole: a person who looks at their
    own file looks once, however many services keep it (ADR-0026).
    """

    mesh: MeshClient
    act: CallerFacts
    subject: str
    purpose: str
    deadline_s: float

    async def records(self, service: str, *, reveal: bool) -> tuple[State, list[FileRecord]]:
        """What the service keeps of the subject, as far as it says so in time."""
        return await self._all(service, f"/subjects/{self.subject}/file", FileSection, reveal="true" if reveal else "false")

    async def consents(self) -> tuple[State, list[application.Consent]]:
        """To uses of certificates in cases, newest first."""
        return await self._all("application", f"/subjects/{self.subject}/consents", Page[application.Consent])

    async def withdraw(self, consent_id: ConsentId) -> None:
        """Raises NoSuchConsent, Unavailable."""
        path = f"/subjects/{self.subject}/consents/{consent_id}/withdrawal"
        try:
            await self.mesh.post("application", path, json={}, model=application.ConsentWithdrawn, act=self.act, purpose=self.purpose)
        except NotFound as error:
            raise NoSuchConsent from error

    async def _all(self, service: str, path: str, model: Any, **asked: str) -> tuple[State, list[Any]]:
        found: list[Any] = []
        try:
            async with asyncio.timeout(self.deadline_s):
                async for page in self._pages(service, path, model, asked):
                    found += page.items
        except (ServiceError, TimeoutError, ValidationError):
            # What it said before it went away is true all the same; another release may also say what we cannot read.
            return ("partial" if found else "away"), found
        return ("complete" if page.next is None else "partial"), found

    async def _pages(self, service: str, path: str, model: Any, asked: dict[str, str]) -> AsyncIterator[Page[Any]]:
        for _ in range(_PAGES):
            query = f"?{urlencode(asked)}" if asked else ""
            page: Page[Any] = (await self.mesh.get(service, path + query, model=model, act=self.act, purpose=self.purpose)).value
            yield page
            if page.next is None:
                return
            asked = asked | {"before": page.next}


class LogoutReceivers:
    """Clients that are told of the end of a sign-on, each at its registered address and nowhere else."""

    def __init__(self) -> None:
        self._client = httpx.AsyncClient(
            transport=AiohttpTransport(verify=authorities()),
            trust_env=False,
            timeout=DELIVERY_DEADLINE.total_seconds(),
            follow_redirects=False,
        )

    async def tell(self, uri: str, token: str) -> int:
        """The status of the answer, whose body is nobody's business; 0 when there is none in time."""
        try:
            async with (
                asyncio.timeout(DELIVERY_DEADLINE.total_seconds()),
                self._client.stream("POST", uri, data={"logout_token": token}) as answer,
            ):
                return answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
            return 0

    async def close(self) -> None:
        await self._client.aclose()
