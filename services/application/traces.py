"""The traces of a case, looked for where they are kept. Source: the Zipkin API, version 2."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Final

import httpx
from httpx_aiohttp import AiohttpTransport
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from chassis.http.authorities import authorities
from contracts.api import application as api
from contracts.values import CaseNumber

_WITHIN_S: Final = 0.15
"""The view of a case is not held up by what may be missing from it."""
_LOOK_BACK_MS: Final = 400 * 24 * 3600 * 1000
_MOST: Final = 100


class _Endpoint(BaseModel):
    service_name: Annotated[str, Field(alias="serviceName")] = ""


class _Span(BaseModel):
    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    trace_id: Annotated[str, Field(alias="traceId")]
    id: str
    parent_id: Annotated[str | None, Field(alias="parentId")] = None
    name: str = ""
    timestamp: int = 0
    duration: int = 0
    local: Annotated[_Endpoint, Field(alias="localEndpoint")] = _Endpoint()


_FOUND: Final = TypeAdapter(list[list[_Span]])


class Traces:
    """`url` is the back end's; empty: there is none."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._client = httpx.AsyncClient(
            transport=AiohttpTransport(verify=authorities()), trust_env=False, timeout=_WITHIN_S, follow_redirects=False
        )

    async def of_case(self, number: CaseNumber) -> api.Traces:
        """Of every request that named it. Without the back end only the link to where they will be."""
        links = [f"{self._url}/zipkin/?annotationQuery=case.number%3D{number}"] if self._url else []
        if not self._url:
            return api.Traces(links=links, is_complete=False, spans=[])
        asked: dict[str, str | int] = {"annotationQuery": f"case.number={number}", "limit": _MOST, "lookback": _LOOK_BACK_MS}
        try:
            async with asyncio.timeout(_WITHIN_S):
                answer = await self._client.get(f"{self._url}/api/v2/traces", params=asked)
            found = _FOUND.validate_json(answer.raise_for_status().content)
        except (httpx.HTTPError, TimeoutError, ValidationError):
            return api.Traces(links=links, is_complete=False, spans=[])
        links += [f"{self._url}/zipkin/traces/{trace[0].trace_id}" for trace in found if trace]
        return api.Traces(links=links, is_complete=True, spans=[_span(each) for trace in found for each in trace])


def _span(found: _Span) -> api.Span:
    return api.Span(
        trace_id=found.trace_id,
        span_id=found.id,
        parent_id=found.parent_id,
        service=found.local.service_name,
        name=found.name,
        at=datetime.fromtimestamp(found.timestamp / 1e6, UTC),
        duration_us=found.duration,
    )
