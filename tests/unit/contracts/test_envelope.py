from datetime import UTC, datetime

import pytest

from contracts.envelope import Envelope
from contracts.values import EventId

ENVELOPE = Envelope(
    id=EventId("01a20e70-53d3-72ca-884f-61c94627a84f"),
    type="thing.happened",
    version=1,
    source="rating",
    time=datetime(2026, 1, 1, tzinfo=UTC),
    key="k",
    traceparent="00-" + "1" * 32 + "-" + "2" * 16 + "-01",
)


def test_an_envelope_survives_the_journey_through_headers() -> None:
    assert Envelope.from_headers(ENVELOPE.to_headers()) == ENVELOPE


@pytest.mark.parametrize("missing", ["ce_id", "ce_type", "ce_source", "ce_time", "ce_partitionkey", "ce_dataversion"])
def test_an_envelope_without_a_mandatory_attribute_is_refused(missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        Envelope.from_headers([(name, value) for name, value in ENVELOPE.to_headers() if name != missing])


@pytest.mark.parametrize("extra", [("ce_id", b"01a20e70-53d3-72ca-884f-61c94627a84f"), ("ce_type", b"other"), ("traceparent", b"x")])
def test_an_envelope_that_says_a_thing_twice_is_refused(extra: tuple[str, bytes]) -> None:
    with pytest.raises(ValueError, match="twice"):
        Envelope.from_headers([*ENVELOPE.to_headers(), extra])


def test_unreadable_attributes_are_refused() -> None:
    headers = [(name, b"\xff" if name == "ce_type" else value) for name, value in ENVELOPE.to_headers()]
    with pytest.raises(ValueError, match=r"."):
        Envelope.from_headers(headers)
