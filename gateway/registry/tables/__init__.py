"""The rows of the gateway's database, one module for each area."""

from chassis.http.idempotency import keys_table
from chassis.messaging import message_tables
from gateway.registry.tables.channels import channels
from gateway.registry.tables.decisions import decisions
from gateway.registry.tables.nonces import nonces
from gateway.registry.tables.parties import parties
from gateway.registry.tables.policies import policy_versions
from gateway.registry.tables.resources import certificate_types, resources
from gateway.registry.tables.schema import metadata
from gateway.registry.tables.sharing import daily_calls, data_items, demands, duties, negative_list, scenes

idempotency_keys = keys_table(metadata)
outbox, inbox = message_tables(metadata)

__all__ = [
    "certificate_types",
    "channels",
    "daily_calls",
    "data_items",
    "decisions",
    "demands",
    "duties",
    "idempotency_keys",
    "inbox",
    "metadata",
    "negative_list",
    "nonces",
    "outbox",
    "parties",
    "policy_versions",
    "resources",
    "scenes",
]
