"""The rows of the catalogue, one module for each area."""

from chassis.http.idempotency import keys_table
from chassis.messaging import message_tables
from services.catalogue.tables.lifecycle import drafts, standings
from services.catalogue.tables.matters import agencies, divisions, fields, implementations, matters, versions
from services.catalogue.tables.points import service_point_changes, service_points
from services.catalogue.tables.schema import metadata

outbox, inbox = message_tables(metadata)
idempotency_keys = keys_table(metadata)

__all__ = [
    "agencies",
    "divisions",
    "drafts",
    "fields",
    "idempotency_keys",
    "implementations",
    "inbox",
    "matters",
    "metadata",
    "outbox",
    "service_point_changes",
    "service_points",
    "standings",
    "versions",
]
