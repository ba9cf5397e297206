"""Where a reader sets aside what it cannot handle: the record as it came, and why it was set aside."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from aiokafka import ConsumerRecord
from pydantic import ValidationError

from chassis.errors import ServiceError, Unavailable
from chassis.messaging.producer import Delivering, Record

log = structlog.get_logger()

REASON: Final = "dead-reason"
TOPIC: Final = "dead-topic"
HANDLER: Final = "dead-handler"
ATTEMPTS: Final = "dead-attempts"
_PREFIX: Final = "dead-"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a record is set aside. `reason` never quotes the record, which may hold what nobody should read here."""

    reason: str
    handler: str
    attempts: int
    at: datetime


class DeadLetters:
    def __init__(self, producer: Delivering) -> None:
        self._producer = producer

    async def set_aside(self, record: "ConsumerRecord[bytes, bytes]", verdict: Verdict) -> None:
        """Raises: Unavailable when the broker has not acknowledged; the record must then count as not handled."""
        outcome = await self._producer.deliver(f"{record.topic}.dead", [_dead(record, verdict)])
        if not outcome.acknowledged:
            raise Unavailable from outcome.failure
        log.error(
            "record_set_aside",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            handler=verdict.handler,
            attempts=verdict.attempts,
            reason=verdict.reason,
        )

    async def close(self) -> None:
        await self._producer.close()


def _dead(record: "ConsumerRecord[bytes, bytes]", verdict: Verdict) -> Record:
    told = {
        REASON: verdict.reason,
        TOPIC: record.topic,
        "dead-partition": str(record.partition),
        "dead-offset": str(record.offset),
        HANDLER: verdict.handler,
        ATTEMPTS: str(verdict.attempts),
        "dead-at": verdict.at.isoformat(),
    }
    headers = [*original_headers(record), *((name, value.encode()) for name, value in told.items())]
    return Record(key=record.key or b"", value=record.value or b"", headers=headers)


def original_headers(record: "ConsumerRecord[bytes, bytes]") -> list[tuple[str, bytes]]:
    """The headers that the publisher gave, without what was said when the record was set aside."""
    return [(name, value) for name, value in record.headers if not name.startswith(_PREFIX)]


def reason_of(error: BaseException) -> str:
    """The error in one line: what it is and where, never the values it quotes."""
    name = type(error).__name__
    if isinstance(error, ValidationError):
        places = (f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in error.errors(include_input=False))
        return f"{name}: {', '.join(places)}"[:500]
    if isinstance(error, ServiceError):
        return f"{name}: {error.problem.code}"
    return name
