"""The rows of the catalogue, one module for each area."""

from chassis.messaging import message_tables
from services.catalogue.tables.changes import changes
from services.catalogue.tables.imports import imports
from services.catalogue.tables.matters import agencies, divisions, fields, implementations, matters, versions
from services.catalogue.tables.schema import metadata

outbox, inbox = message_tables(metadata)

__all__ = [
    "agencies",
    "changes",
    "divisions",
    "fields",
    "implementations",
    "imports",
    "inbox",
    "matters",
    "metadata",
    "outbox",
    "versions",
]
