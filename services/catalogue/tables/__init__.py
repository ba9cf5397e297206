"""The rows of the catalogue, one module for each area."""

from chassis.messaging import message_tables
from services.catalogue.tables.matters import agencies, divisions, fields, implementations, matters, versions
from services.catalogue.tables.packages import package_drafts, package_versions
from services.catalogue.tables.schema import metadata
from services.catalogue.tables.search import search_documents

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
    "package_drafts",
    "package_versions",
    "search_documents",
    "versions",
]
