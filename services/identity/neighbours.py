"""Outside providers (the population base, the face check, the SMS sender), whose contract is a small JSON exchange; and the
services of the mesh that keep something of a subject."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import urlencode

import httpx
from httpx_aiohttp import AiohttpTransport
from pydantic import BaseModel, ConfigDict, ValidationError

from chassis.errors import NotFound, ServiceError
from chassis.http import CallerFacts, MeshClient
from contracts.api import application
from contracts.api.file import FileRecord, FileSection
from contracts.api.identity.file import State
from contracts.strict import Page
from contracts.values import ConsentId
from services.identity.domain.consents import NoSuchConsent
from services.identity.domain.persons import ProviderAway
from services.identity.settings import IdentitySettings

_PAGES: Final = 10


class Result(BaseModel):
    """`reference` finds the check at the provider."""

    model_config = ConfigDict(strict=True)

    is_match: bool
    reference: str


class Providers(Protocol):
    async def real_name(self, name: str, resident_id: str) -> Result: ...
    async def second_proof(self, resident_id: str, kind: str, number: str) -> Result: ...
    async def face(self, name: str, resident_id: str, capture: str) -> Result: ...
    async def send_sms(self, phone: str, text: str, key: str) -> None: ...


class HttpProviders:
    """Raises ProviderAway when a provider does not answer in time or not as agreed."""

    def __init__(self, settings: IdentitySettings) -> None:
        self._settings = settings
        self._client = httpx.AsyncClient(
            transport=AiohttpTransport(), trust_env=False, timeout=settings.provider_timeout_ms / 1000, follow_redirects=False
        )

    async def real_name(self, name: str, resident_id: str) -> Result:
        url = f"{self._settings.population_base_url}/real-name-checks"
        return await self._check(url, {"name": name, "resident_id": resident_id})

    async def second_proof(self, resident_id: str, kind: str, number: str) -> Result:
        url = f"{self._settings.population_base_url}/second-proof-checks"
        return await self._check(url, {"resident_id": resident_id, "kind": kind, "number": number})

    async def face(self, name: str, resident_id: str, capture: str) -> Result:
        url = f"{self._settings.face_check_url}/face-checks"
        return await self._check(url, {"name": name, "resident_id": resident_id, "capture": capture})

    async def send_sms(self, phone: str, text: str, key: str) -> None:
        await self._post(f"{self._settings.sms_url}/messages", {"phone": phone, "text": text, "key": key})

    async def close(self) -> None:
        await self._client.aclose()

    async def _check(self, url: str, said: dict[str, str]) -> Result:
        response = await self._post(url, said)
        try:
            return Result.model_validate_json(response.content)
        except ValidationError as error:
            raise ProviderAway from error

    async def _post(self, url: str, said: dict[str, str]) -> httpx.Response:
        try:
            response = await self._client.post(url, json=said)
        except (httpx.HTTPError, TimeoutError) as error:
            raise ProviderAway from error
        if not response.is_success:
            raise ProviderAway
        return response


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
