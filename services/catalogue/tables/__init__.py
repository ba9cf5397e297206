"""The rows of the catalogue, one module for each area."""

from chassis.messaging import message_tables
from services.catalogue.tables.matters import agencies, divisions, fields, implementations, matters, versions
from services.catalogue.tables.points import service_point_changes, service_points
from services.catalogue.tables.schema import metadata

outbox, inbox = message_tables(metadata)

__all__ = [
    "agencies",
    "divisions",
    "fields",
    "implementations",
    "inbox",
    "matters",
    "metadata",
    "outbox",
    "service_point_changes",
    "service_points",
    "versions",
]
