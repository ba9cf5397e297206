"""Somebody who knows CloudEvents and nothing of us reads our records with the SDK of CloudEvents."""

from datetime import UTC, datetime

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from cloudevents.core.formats.json import JSONFormat

from contracts.envelope import Envelope
from contracts.values import EventId
from tests.contract.golden_events import NAMES, body_of, event_of

AT = datetime(2026, 11, 24, 2, 0, 0, 250_000, tzinfo=UTC)
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def record_of(name: str, event_id: EventId, trace: str | None = TRACE) -> KafkaMessage:
    event = event_of(name)
    envelope = Envelope(event_id, event.TYPE, event.VERSION, event.PUBLISHERS[0], AT, event.key(), trace)
    return KafkaMessage(headers=dict(envelope.to_headers()), key=event.key().encode(), value=event.model_dump_json().encode())


@pytest.mark.parametrize("name", NAMES)
def test_a_stranger_reads_our_record(name: str) -> None:
    event, event_id = event_of(name), EventId.new()
    read = from_binary_event(record_of(name, event_id), JSONFormat())
    assert (read.get_id(), read.get_type(), read.get_specversion()) == (event_id, event.TYPE, "1.0")
    assert read.get_source() == f"/tongban/{event.PUBLISHERS[0]}"
    assert read.get_time() == AT
    assert read.get_datacontenttype() == "application/json"
    assert read.get_extension("partitionkey") == event.key()
    assert read.get_extension("dataversion") == str(event.VERSION)
    read_on = read.get_data()
    assert isinstance(read_on, dict)
    assert body_of(name).items() <= read_on.items()


def test_the_trace_context_is_a_header_of_kafka_and_no_attribute_of_the_event() -> None:
    message = record_of("case.granted.v1", EventId.new())
    assert message.headers["traceparent"] == TRACE.encode()
    assert "traceparent" not in from_binary_event(message, JSONFormat()).get_attributes()


def test_we_read_what_we_wrote() -> None:
    event = event_of("case.granted.v1")
    envelope = Envelope(EventId.new(), event.TYPE, event.VERSION, "application", AT, event.key(), TRACE)
    assert Envelope.from_headers(envelope.to_headers()) == envelope
