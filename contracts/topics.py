"""The topics of the mesh: one per publishing service and one for what its readers had to set aside."""

from dataclasses import dataclass
from typing import Final

_DAY_MS: Final = 24 * 60 * 60 * 1000

SERVICES: Final = ("application", "catalogue", "certificate", "gateway", "identity", "rating")


@dataclass(frozen=True, slots=True)
class Topic:
    """`key` says in words what orders the topic; `retention_ms` is at most the retention of outbox and inbox."""

    name: str
    partitions: int
    retention_ms: int
    key: str

    @property
    def dead(self) -> "Topic":
        """Where a reader sets aside what it cannot handle, kept long enough for a person to look."""
        return Topic(f"{self.name}.dead", 1, 30 * _DAY_MS, self.key)


TOPICS: Final = {
    "application": Topic("mesh.application.v1", 3, 7 * _DAY_MS, "case number"),
    "catalogue": Topic("mesh.catalogue.v1", 3, 7 * _DAY_MS, "implementation code"),
    "certificate": Topic("mesh.certificate.v1", 3, 7 * _DAY_MS, "case number, else certificate id"),
    "gateway": Topic("mesh.gateway.v1", 3, 7 * _DAY_MS, "party id"),
    "identity": Topic("mesh.identity.v1", 3, 7 * _DAY_MS, "person id"),
    "rating": Topic("mesh.rating.v1", 3, 7 * _DAY_MS, "case number, else rating id"),
}


def all_topics() -> list[Topic]:
    return [each for topic in TOPICS.values() for each in (topic, topic.dead)]
