"""The rows of cases, one module for each area."""

from chassis.http.idempotency import keys_table
from chassis.messaging import message_tables
from services.application.tables.cases import cases, materials
from services.application.tables.clock import calendars, cards, clocks
from services.application.tables.consents import consents
from services.application.tables.dispatches import dispatches
from services.application.tables.documents import document_serials, documents
from services.application.tables.history import history
from services.application.tables.intake import drafts, files, judgements, outages, reservations, serials
from services.application.tables.schema import TransactionId, metadata

idempotency_keys = keys_table(metadata)
outbox, inbox = message_tables(metadata)

__all__ = [
    "TransactionId",
    "calendars",
    "cards",
    "cases",
    "clocks",
    "consents",
    "dispatches",
    "document_serials",
    "documents",
    "drafts",
    "files",
    "history",
    "idempotency_keys",
    "inbox",
    "judgements",
    "materials",
    "metadata",
    "outages",
    "outbox",
    "reservations",
    "serials",
]
