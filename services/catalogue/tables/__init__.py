"""The rows of the catalogue, one module for each area."""

from chassis.http.idempotency import keys_table
from chassis.messaging import message_tables
from services.catalogue.tables.changes import changes
from services.catalogue.tables.imports import imports
from services.catalogue.tables.lifecycle import drafts, standings, withdrawals
from services.catalogue.tables.matters import agencies, divisions, fields, implementations, matters, versions
from services.catalogue.tables.packages import package_drafts, package_versions, packages
from services.catalogue.tables.points import service_point_changes, service_points
from services.catalogue.tables.schema import metadata
from services.catalogue.tables.search import search_documents

outbox, inbox = message_tables(metadata)
idempotency_keys = keys_table(metadata)

__all__ = [
    "agencies",
    "changes",
    "divisions",
    "drafts",
    "fields",
    "idempotency_keys",
    "implementations",
    "imports",
    "inbox",
    "matters",
    "metadata",
    "outbox",
    "package_drafts",
    "package_versions",
    "packages",
    "search_documents",
    "service_point_changes",
    "service_points",
    "standings",
    "versions",
    "withdrawals",
]
