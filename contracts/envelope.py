"""The envelope of an event on Kafka: CloudEvents 1.0, binary content mode, with our trace context beside it.

Source: CloudEvents Kafka protocol binding 1.0.2; W3C Trace Context.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from contracts.values import EventId

CONTENT_TYPE: Final = "application/json"
SPEC_VERSION: Final = "1.0"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is said about an event beside its body.

    `source` is the publishing service, `key` the partition key, `version` the integer version of the event type.
    """

    id: EventId
    type: str
    version: int
    source: str
    time: datetime
    key: str
    traceparent: str | None = None

    def to_headers(self) -> list[tuple[str, bytes]]:
        headers = [
            ("content-type", CONTENT_TYPE.encode()),
            ("ce_specversion", SPEC_VERSION.encode()),
            ("ce_id", self.id.encode()),
            ("ce_type", self.type.encode()),
            ("ce_source", f"/tongban/{self.source}".encode()),
            ("ce_time", self.time.isoformat().encode()),
            ("ce_partitionkey", self.key.encode()),
            ("ce_dataversion", str(self.version).encode()),
        ]
        if self.traceparent:
            headers.append(("traceparent", self.traceparent.encode()))
        return headers

    @classmethod
    def from_headers(cls, headers: Iterable[tuple[str, bytes]]) -> "Envelope":
        """Raises ValueError when a mandatory attribute is missing, doubled or unreadable."""
        attributes = _unique(headers)
        try:
            return cls(
                id=EventId(attributes["ce_id"]),
                type=attributes["ce_type"],
                version=int(attributes["ce_dataversion"]),
                source=attributes["ce_source"].removeprefix("/tongban/"),
                time=datetime.fromisoformat(attributes["ce_time"]),
                key=attributes["ce_partitionkey"],
                traceparent=attributes.get("traceparent"),
            )
        except KeyError as missing:
            msg = f"the envelope has no {missing.args[0]}"
            raise ValueError(msg) from None


def _unique(headers: Iterable[tuple[str, bytes]]) -> Mapping[str, str]:
    attributes: dict[str, str] = {}
    for name, value in headers:
        if name in attributes:
            msg = f"the envelope has {name} twice"
            raise ValueError(msg)
        attributes[name] = value.decode()
    return attributes
