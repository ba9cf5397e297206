"""A whole worker, as a service composes it: from one process's commit to another's effect, in one trace."""

from pathlib import Path
from typing import ClassVar

import pytest
import sqlalchemy as sa
from aiokafka import ConsumerRecord
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from cloudevents.core.formats.json import JSONFormat
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import SecretStr

from chassis import telemetry
from chassis.database import WriteSession
from chassis.messaging import Delivery, Subscriptions, publish, run_worker
from chassis.settings import ServiceSettings
from tests.support.eventually import eventually
from tests.support.ledger.events import Noted
from tests.support.ledger.tables import outbox
from tests.support.station import Station, noting, running


class LedgerSettings(ServiceSettings):
    name: ClassVar[str] = "rating"


def settings_of(station: Station) -> LedgerSettings:
    return LedgerSettings(
        database_url=SecretStr(station.database.url),
        listen_port=1,
        mesh_key_file=Path("unused"),
        mesh_public_keys_file=Path("unused"),
        kafka_bootstrap_servers=station.kafka,
        mesh_namespace=station.namespace,
    )


async def test_the_parts_of_a_worker_carry_an_event_to_its_effect_in_the_publishers_trace(
    station: Station, spans: InMemorySpanExporter
) -> None:
    subscriptions = Subscriptions("ledger")
    traces: list[str | None] = []

    @subscriptions.on(Noted)
    async def keep_trace(delivery: Delivery[Noted], session: WriteSession) -> None:
        traces.append(delivery.trace)

    parts = run_worker(settings_of(station), station.database, subscriptions, station.clock)
    assert [part.name for part in parts] == ["consumer", "relay", "inbox cleaner"]
    async with running(*(part.main for part in parts)):
        with telemetry.span("submit", root=True) as submitting:
            await station.publish("a", 1)
            expected = telemetry.current_traceparent()
        await eventually(lambda: traces == [expected])

        def consumed() -> bool:
            return any(span.name == "test.noted ledger.keep_trace" for span in spans.get_finished_spans())

        await eventually(consumed)
    [consuming] = [span for span in spans.get_finished_spans() if span.name == "test.noted ledger.keep_trace"]
    assert consuming.parent is not None
    assert consuming.parent.span_id == submitting.get_span_context().span_id
    assert consuming.context is not None
    assert consuming.context.trace_id == submitting.get_span_context().trace_id

    def told() -> list[ReadableSpan]:
        return [span for span in spans.get_finished_spans() if span.name == "outbox test.noted"]

    [leaving] = await eventually(told)
    assert leaving.parent is not None
    assert leaving.parent.span_id == submitting.get_span_context().span_id
    assert leaving.start_time == int(station.clock.now().timestamp()) * 10**9
    assert leaving.end_time is not None
    assert leaving.end_time > leaving.start_time


async def test_a_service_that_consumes_nothing_has_a_relay_only(station: Station) -> None:
    parts = run_worker(settings_of(station), station.database, Subscriptions("ledger"), station.clock)
    assert [part.name for part in parts] == ["relay"]


async def test_a_strangers_cloudevents_library_reads_our_messages(station: Station) -> None:
    async with running(station.relay().run, station.consumer(noting())):
        await station.publish("a", 1, trace="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")

        async def noted() -> bool:
            return await station.noted() == [1]

        await eventually(noted)
    [record] = await station.records()
    event = from_binary_event(_message(record), JSONFormat())
    async with station.database.reading() as session:
        row = (await session.execute(sa.select(outbox))).one()
    assert (event.get_type(), event.get_source(), event.get_id()) == ("test.noted", "/tongban/rating", row.event_id)
    assert event.get_time() == station.clock.now()
    assert event.get_data() == {"subject": "a", "number": 1}
    assert record.key == b"a"
    assert dict(record.headers)["traceparent"] == b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def _message(record: "ConsumerRecord[bytes, bytes]") -> KafkaMessage:
    return KafkaMessage(headers=dict(record.headers), key=record.key, value=record.value or b"")


async def test_an_event_too_large_for_a_broker_is_refused_where_it_is_published(station: Station) -> None:
    with pytest.raises(ValueError, match="larger than"):
        async with station.database.transaction() as session:
            await publish(session, Noted(subject="x" * 300_000, number=1), at=station.clock.now())
    assert await station.unpublished() == 0
