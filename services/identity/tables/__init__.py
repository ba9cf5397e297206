"""The rows of identity, one module for each area."""

from chassis.http.idempotency import keys_table
from chassis.messaging import message_tables
from services.identity.tables.city_codes import city_code_uses, city_codes, paper_codes, scene_verifiers
from services.identity.tables.clients import assertions, client_consents, client_secrets, client_settings, clients, proofs
from services.identity.tables.device_requests import device_guesses, device_requests
from services.identity.tables.federation import federated_accounts, federation_journeys
from services.identity.tables.ledger import accesses
from services.identity.tables.logout import logout_deliveries
from services.identity.tables.mandates import mandates
from services.identity.tables.methods import attempts, challenges, passkeys
from services.identity.tables.organisations import licence_challenges, organisation_checks, organisations, staff
from services.identity.tables.persons import documents, merge_requests, person_items, persons, sms_codes, verifications
from services.identity.tables.schema import metadata
from services.identity.tables.sign_on import authorization_codes, authorization_requests, grants, refresh_tokens, sessions
from services.identity.tables.signing_keys import signing_keys

idempotency_keys = keys_table(metadata)
outbox, inbox = message_tables(metadata)

__all__ = [
    "accesses",
    "assertions",
    "attempts",
    "authorization_codes",
    "authorization_requests",
    "challenges",
    "city_code_uses",
    "city_codes",
    "client_consents",
    "client_secrets",
    "client_settings",
    "clients",
    "device_guesses",
    "device_requests",
    "documents",
    "federated_accounts",
    "federation_journeys",
    "grants",
    "idempotency_keys",
    "inbox",
    "licence_challenges",
    "logout_deliveries",
    "mandates",
    "merge_requests",
    "metadata",
    "organisation_checks",
    "organisations",
    "outbox",
    "paper_codes",
    "passkeys",
    "person_items",
    "persons",
    "proofs",
    "refresh_tokens",
    "scene_verifiers",
    "sessions",
    "signing_keys",
    "sms_codes",
    "staff",
    "verifications",
]
