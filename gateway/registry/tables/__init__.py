"""The rows of the gateway's database, one module for each area."""

from chassis.http.idempotency import keys_table
from chassis.messaging import message_tables
from gateway.registry.tables.allowances import allowance_slots, allowances
from gateway.registry.tables.changes import changes
from gateway.registry.tables.channels import channels
from gateway.registry.tables.conformance import conformance_runs
from gateway.registry.tables.decisions import decisions, usage_counts
from gateway.registry.tables.keys import party_keys
from gateway.registry.tables.ledger import ledger_blocks, ledger_chains, ledger_checkpoints, ledger_sealed
from gateway.registry.tables.masking import masking_rules
from gateway.registry.tables.nonces import nonces
from gateway.registry.tables.parties import parties
from gateway.registry.tables.policies import policy_versions
from gateway.registry.tables.resources import certificate_types, resources
from gateway.registry.tables.schema import metadata
from gateway.registry.tables.sharing import daily_calls, data_items, demands, duties, negative_list, scenes

idempotency_keys = keys_table(metadata)
outbox, inbox = message_tables(metadata)

__all__ = [
    "allowance_slots",
    "allowances",
    "certificate_types",
    "changes",
    "channels",
    "conformance_runs",
    "daily_calls",
    "data_items",
    "decisions",
    "demands",
    "duties",
    "idempotency_keys",
    "inbox",
    "ledger_blocks",
    "ledger_chains",
    "ledger_checkpoints",
    "ledger_sealed",
    "masking_rules",
    "metadata",
    "negative_list",
    "nonces",
    "outbox",
    "parties",
    "party_keys",
    "policy_versions",
    "resources",
    "scenes",
    "usage_counts",
]
