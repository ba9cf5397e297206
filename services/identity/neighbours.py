"""Outside providers: the population base, the face check, the SMS sender. Their contract is a small JSON exchange."""

from typing import Protocol

import httpx
from httpx_aiohttp import AiohttpTransport
from pydantic import BaseModel, ConfigDict, ValidationError

from services.identity.domain.persons import ProviderAway
from services.identity.settings import IdentitySettings


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
