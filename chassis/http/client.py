"""Calls between services: kept connections for the life of the process, a deadline on every call.

aiohttp as it is: with httpx around it, a call costs this process several times as much.
"""

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote

import aiohttp
from multidict import CIMultiDictProxy
from opentelemetry.trace import SpanKind
from pydantic import BaseModel, TypeAdapter

from chassis import telemetry
from chassis.clock import Clock
from chassis.errors import Forbidden, Invalid, NotFound, RefusedByNeighbour, ServiceError, Unavailable
from chassis.http import patience
from chassis.http.authorities import authorities
from chassis.http.kept import Kept, KeptAnswers, Question
from chassis.http.mesh_token import CallerFacts, MeshSigner
from chassis.settings import ServiceSettings
from contracts.events.access import DataAccessed
from contracts.headers import ASKED_FOR, DATA_ACCESS, DEADLINE, MESH_TOKEN, REQUEST_ID, TRACEPARENT
from contracts.problems import common
from contracts.values import CaseNumber, OrganisationId, PersonId

T = TypeVar("T")

_DEADLINE: Final = timedelta(seconds=3)
_NOT_MODIFIED: Final = 304
_NO_TIMEOUT: Final = aiohttp.ClientTimeout(total=None)
_UNSAID: Final = ("accept-encoding", "user-agent")


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Whose data an answer carries, how sensitive, for which purpose, and which items of it."""

    subjects: tuple[PersonId, ...]
    grade: int
    purpose: str
    items: tuple[str, ...] = ()
    organisations: tuple[OrganisationId, ...] = ()

    def header(self) -> str:
        said = {
            "subjects": self.subjects,
            "organisations": self.organisations,
            "grade": self.grade,
            "purpose": self.purpose,
            "items": self.items,
        }
        return base64.urlsafe_b64encode(json.dumps(said, ensure_ascii=False).encode()).decode()

    @classmethod
    def from_header(cls, value: str) -> "Disclosure":
        said = json.loads(base64.urlsafe_b64decode(value))
        return cls(
            tuple(PersonId(each) for each in said["subjects"]),
            int(said["grade"]),
            said["purpose"],
            tuple(said["items"]),
            tuple(OrganisationId(each) for each in said["organisations"]),
        )


@dataclass(frozen=True, slots=True)
class Fetched(Generic[T]):
    """A neighbour's answer, and the access to personal data that it was, if it was one."""

    value: T
    access: DataAccessed | None = None


class MeshClient:
    """Calls the neighbours of one service under its own name."""

    def __init__(self, settings: ServiceSettings, clock: Clock, *, deadline: timedelta = _DEADLINE) -> None:
        self._settings = settings
        self._clock = clock
        self._deadline_s = deadline.total_seconds()
        self._signer = MeshSigner.from_file(settings.name, settings.mesh_key_file)
        self._session: aiohttp.ClientSession | None = None
        self._kept = KeptAnswers(self._ask_again, fresh_s=settings.kept_answers_ms / 1000, deadline_s=self._deadline_s)

    async def get(
        self, service: str, path: str, *, model: type[T] | Any, act: CallerFacts | PersonId | None = None, purpose: str = ""
    ) -> Fetched[T]:
        """GET `path` of a neighbour as `model`. `act` is the person on whose behalf, `purpose` why.

        Raises: NotFound, Forbidden, Conflict, Invalid as the neighbour answered; Unavailable when it did not in time.
        """
        return await self._call("GET", service, path, model, act, purpose, None)

    async def post(
        self,
        service: str,
        path: str,
        *,
        json: BaseModel | Mapping[str, Any],
        model: type[T] | Any,
        act: CallerFacts | PersonId | None = None,
        purpose: str = "",
    ) -> Fetched[T]:
        """POST a body to a neighbour; its answer as `model`. Raises as `get` does."""
        return await self._call("POST", service, path, model, act, purpose, json)

    async def known(self, service: str, path: str, *, model: type[T] | Any) -> T:
        """GET what is the same for every caller and nobody's secret, at most `kept_answers_ms` old. It is shared: nobody changes it.

        Raises as `get` does.
        """
        found: T = await self._kept.get(Question(service, path, model))
        return found

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _call(
        self,
        method: str,
        service: str,
        path: str,
        model: Any,
        act: CallerFacts | PersonId | None,
        purpose: str,
        body: BaseModel | Mapping[str, Any] | None,
    ) -> Fetched[T]:
        answer = await self._exchange(method, service, path, act, purpose, _content(body))
        if answer.is_success:
            return Fetched(_reader(model).validate_json(answer.body), self._access(answer, service, act))
        raise _refusal(service, answer)

    async def _ask_again(self, question: Question, kept: Kept | None) -> Kept:
        asked_at, condition = asyncio.get_running_loop().time(), {"if-none-match": kept.tag} if kept and kept.tag else {}
        answer = await self._exchange("GET", question.service, question.path, None, "", None, condition)
        if kept is not None and answer.status == _NOT_MODIFIED:
            return replace(kept, asked_at=asked_at)
        if not answer.is_success:
            raise _refusal(question.service, answer)
        return Kept(_reader(question.model).validate_json(answer.body), answer.headers.get("etag"), asked_at)

    async def _exchange(
        self,
        method: str,
        service: str,
        path: str,
        act: CallerFacts | PersonId | None,
        purpose: str,
        content: bytes | None,
        more: Mapping[str, str] | None = None,
    ) -> "_Answer":
        facts, left_s = _acting(self._settings.name, act), patience.left_s(self._deadline_s)
        with telemetry.span(f"{method} {service}", kind=SpanKind.CLIENT, peer__service=service, http__request__method=method):
            headers = self._headers(facts, service, getattr(act, "request_id", ""))
            headers |= {DEADLINE: str(int(left_s * 1000)), **(more or {})}
            if purpose:
                headers[ASKED_FOR] = quote(purpose)
            url = self._settings.url_of(service) + path
            try:
                # The library's timeouts are for each wait on the socket: an answer that trickles would never be late.
                async with (
                    asyncio.timeout(left_s),
                    self._connections().request(method, url, data=content, headers=headers, allow_redirects=False) as response,
                ):
                    return _Answer(response.status, response.headers, await response.read())
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                raise Unavailable(f"{service} did not answer") from error

    def _connections(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=authorities()),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=_NO_TIMEOUT,
                auto_decompress=False,
                skip_auto_headers=_UNSAID,
            )
        return self._session

    def _headers(self, facts: CallerFacts, service: str, request_id: str) -> dict[str, str]:
        headers = {MESH_TOKEN: self._signer.token(facts, service), "content-type": "application/json"}
        if traceparent := telemetry.current_traceparent():
            headers[TRACEPARENT] = traceparent
        if request_id:
            headers[REQUEST_ID] = request_id
        return headers

    def _access(self, answer: "_Answer", service: str, act: CallerFacts | PersonId | None) -> DataAccessed | None:
        header = answer.headers.get(DATA_ACCESS)
        if header is None:
            return None
        said = Disclosure.from_header(header)
        return DataAccessed(
            subjects=said.subjects,
            organisations=said.organisations,
            owner=service,
            service=self._settings.name,
            party=act.party if isinstance(act, CallerFacts) else None,
            officer=act.officer if isinstance(act, CallerFacts) else None,
            person=(act.actor or act.person) if isinstance(act, CallerFacts) else act,
            mandate=act.mandate if isinstance(act, CallerFacts) else None,
            grade=said.grade,
            purpose=said.purpose,
            case_number=CaseNumber.read(said.purpose),
            items=said.items,
            at=self._clock.now(),
        )


def _acting(service: str, act: CallerFacts | PersonId | None) -> CallerFacts:
    if isinstance(act, CallerFacts):
        return replace(act, issuer=service, scene="", purpose="", permissions=frozenset(), auth_time=0)
    return CallerFacts(service, person=act)


def _content(body: BaseModel | Mapping[str, Any] | None) -> bytes | None:
    if body is None:
        return None
    if isinstance(body, BaseModel):
        return body.model_dump_json().encode()
    return json.dumps(body, ensure_ascii=False).encode()


# A lost race and a running twin over there are for another try, not for the caller's caller.
_PASSING: Final = frozenset({common.CONFLICT.code, common.REQUEST_IN_PROGRESS.code})
_REFUSALS: Final[dict[int, type[ServiceError]]] = {
    400: Invalid,
    403: Forbidden,
    404: NotFound,
    409: RefusedByNeighbour,
    410: NotFound,
    413: Invalid,
    415: Invalid,
    422: Invalid,
}


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


@cache
def _reader(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)


def _refusal(service: str, answer: _Answer) -> ServiceError:
    try:
        said = json.loads(answer.body)
        code, detail = str(said.get("code", "")), str(said.get("detail") or said.get("title") or "")
    except (ValueError, AttributeError):
        code, detail = "", ""
    kind = Unavailable if code in _PASSING else _REFUSALS.get(answer.status, Unavailable)
    return kind(f"{service}: {detail or answer.status}", upstream_code=code)
