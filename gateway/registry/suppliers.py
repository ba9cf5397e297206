"""Outgoing calls to agencies' data services: signed, bounded, and no more of them while a supplier is down.

The contract is `contracts/api/gateway/sharing`, what travels is in no log. Source: ADR-0034, RFC 9421.
"""

import asyncio
import json
from collections import defaultdict
from typing import Any, TypeVar

import structlog
from joserfc.jwk import ECKey
from opentelemetry.trace import SpanKind
from pydantic import BaseModel, ValidationError

from chassis import telemetry
from chassis.clock import Clock
from chassis.errors import MalformedBody
from chassis.http import strict_json
from chassis.http.outside import NoAnswer, OutsideAnswer, OutsideClient
from chassis.http.signatures import Message, sign
from contracts.api.gateway import sharing as api
from gateway.proxy.breaker import Breaker
from gateway.registry.domain.data_items import DataItem, SupplierAddressIsNotAcceptable, check_address
from gateway.registry.domain.sharing import SupplierAnswerIsNotValid, SupplierIsAway, SupplierRefused
from gateway.settings import GatewaySettings

log = structlog.get_logger()

A = TypeVar("A", bound=BaseModel)


class Suppliers:
    """One connection pool for all of them and one breaker each, by the agency that owns the item."""

    def __init__(self, outside: OutsideClient, private_key_pem: bytes, clock: Clock, *, may_be_loopback: bool) -> None:
        key = ECKey.import_key(private_key_pem)
        self._outside = outside
        self._pem = private_key_pem
        self._key_id = key.thumbprint()
        self._clock = clock
        self._breakers: defaultdict[str, Breaker] = defaultdict(Breaker)
        self.may_be_loopback = may_be_loopback
        self.public_key: dict[str, Any] = {**key.as_dict(private=False), "kid": self._key_id, "alg": "ES256", "use": "sig"}

    @classmethod
    def of(cls, settings: GatewaySettings, clock: Clock) -> "Suppliers":
        outside = OutsideClient(
            deadline_s=settings.supplier_deadline_ms / 1000,
            answer_limit_bytes=settings.supplier_answer_limit_bytes,
            may_be_loopback=settings.suppliers_on_loopback,
        )
        return cls(outside, settings.mesh_key_file.read_bytes(), clock, may_be_loopback=settings.suppliers_on_loopback)

    async def verify(self, item: DataItem, asked: api.SupplierVerify) -> api.SupplierVerified:
        """Raises SupplierIsAway, SupplierRefused, SupplierAnswerIsNotValid."""
        answer = await self._ask(item, "verifications", asked, api.SupplierVerified)
        if answer.matches.keys() != asked.claims.keys():
            raise self._nonsense(item, "fields")
        return answer

    async def query(self, item: DataItem, asked: api.SupplierQuery) -> api.SupplierQueried:
        """Raises SupplierIsAway, SupplierRefused, SupplierAnswerIsNotValid, also for an answer with more than was asked for."""
        answer = await self._ask(item, "queries", asked, api.SupplierQueried)
        if answer.values is not None and not answer.values.keys() <= set(asked.fields):
            raise self._nonsense(item, "fields")
        return answer

    async def close(self) -> None:
        await self._outside.close()

    async def _ask(self, item: DataItem, act: str, asked: BaseModel, model: type[A]) -> A:
        try:
            # The rules of addresses may be stricter than when it was reviewed.
            check_address(item.url, may_be_loopback=self.may_be_loopback)
        except SupplierAddressIsNotAcceptable as error:
            raise SupplierIsAway(supplier=item.owner_name) from error
        breaker, loop = self._breakers[item.owner], asyncio.get_running_loop()
        if not breaker.may_pass(loop.time()):
            raise SupplierIsAway(supplier=item.owner_name)
        try:
            with telemetry.span(f"POST {act}", kind=SpanKind.CLIENT, peer__service=item.owner):
                answer = await self._post(f"{item.url.rstrip('/')}/{act}", asked)
        except NoAnswer as reason:
            breaker.failed(loop.time())
            log.warning("supplier_away", item=item.code, reason=str(reason))
            raise SupplierIsAway(supplier=item.owner_name) from reason
        except asyncio.CancelledError:
            breaker.abandoned()
            raise
        if answer.status >= 500:
            breaker.failed(loop.time())
            log.warning("supplier_away", item=item.code, reason=answer.status)
            raise SupplierIsAway(supplier=item.owner_name)
        breaker.succeeded()
        if answer.status != 200:
            log.warning("supplier_refused", item=item.code, status=answer.status)
            raise SupplierRefused(supplier=item.owner_name, supplier_status=answer.status)
        return self._read(item, answer, model)

    async def _post(self, url: str, asked: BaseModel) -> OutsideAnswer:
        body = json.dumps(asked.model_dump(mode="json", exclude_none=True), ensure_ascii=False).encode()
        authority, path = url.partition("://")[2].partition("/")[::2]
        headers = {"content-type": "application/json"}
        message = Message("POST", authority, f"/{path}", "", headers, body)
        signed = sign(message, self._pem, key_id=self._key_id, created=int(self._clock.now().timestamp()))
        return await self._outside.post(url, body, {**headers, **signed})

    def _read(self, item: DataItem, answer: OutsideAnswer, model: type[A]) -> A:
        try:
            return model.model_validate(strict_json.parse(answer.body))
        except (MalformedBody, ValidationError):
            raise self._nonsense(item, "form") from None

    def _nonsense(self, item: DataItem, reason: str) -> SupplierAnswerIsNotValid:
        log.warning("supplier_answer_not_valid", item=item.code, reason=reason)
        return SupplierAnswerIsNotValid(supplier=item.owner_name)
