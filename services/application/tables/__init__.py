"""The rows of cases, one module for each area."""

from chassis.http.idempotency import keys_table
from chassis.messaging import message_tables
from services.application.tables.approval import approval_switches, automatic_decisions
from services.application.tables.cases import cases, materials
from services.application.tables.clock import calendars, cards, clocks
from services.application.tables.consents import consents
from services.application.tables.deliveries import callback_keys, callbacks, deliveries, delivery_attempts
from services.application.tables.dispatches import dispatches
from services.application.tables.documents import document_serials, documents
from services.application.tables.exchange import exchange_batches, exchange_records
from services.application.tables.history import history
from services.application.tables.intake import drafts, files, judgements, outages, reservations, serials
from services.application.tables.packages import package_cases, package_steps
from services.application.tables.permits import permit_notices, permit_supervisors
from services.application.tables.returned import findings, operations, work_forms
from services.application.tables.schema import TransactionId, metadata
from services.application.tables.seen import notifications, officer_scopes, slips, work

idempotency_keys = keys_table(metadata)
outbox, inbox = message_tables(metadata)

__all__ = [
    "TransactionId",
    "approval_switches",
    "automatic_decisions",
    "calendars",
    "callback_keys",
    "callbacks",
    "cards",
    "cases",
    "clocks",
    "consents",
    "deliveries",
    "delivery_attempts",
    "dispatches",
    "document_serials",
    "documents",
    "drafts",
    "exchange_batches",
    "exchange_records",
    "files",
    "findings",
    "history",
    "idempotency_keys",
    "inbox",
    "judgements",
    "materials",
    "metadata",
    "notifications",
    "officer_scopes",
    "operations",
    "outages",
    "outbox",
    "package_cases",
    "package_steps",
    "permit_notices",
    "permit_supervisors",
    "reservations",
    "serials",
    "slips",
    "work",
    "work_forms",
]
