"""The chain around the decision records. Nothing here is ever changed or deleted; triggers of the migration see to it."""

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, Table, Text, UniqueConstraint, Uuid

from gateway.registry.tables.schema import instant, metadata

_OPEN = {"plain": "digests, signatures and public keys of the ledger, exported to whoever audits it"}

ledger_chains = Table(
    "ledger_chains",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("at", instant, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False, info=_OPEN),
    Column("signature", LargeBinary, nullable=False, info=_OPEN),
)
ledger_blocks = Table(
    "ledger_blocks",
    metadata,
    Column("chain", Uuid(as_uuid=False), ForeignKey("ledger_chains.id"), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("previous", LargeBinary, nullable=False, info=_OPEN),
    Column("at", instant, nullable=False),
    Column("records", BigInteger, nullable=False),
    Column("leaves", LargeBinary, nullable=False, info=_OPEN),
    Column("hash", LargeBinary, nullable=False, info=_OPEN),
    Column("signature", LargeBinary, nullable=False, info=_OPEN),
    UniqueConstraint("previous"),
)
ledger_checkpoints = Table(
    "ledger_checkpoints",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("previous", LargeBinary, nullable=False, info=_OPEN),
    Column("at", instant, nullable=False),
    Column("hash", LargeBinary, nullable=False, info=_OPEN),
    Column("body", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False, info=_OPEN),
    UniqueConstraint("previous"),
)
ledger_sealed = Table(
    "ledger_sealed",
    metadata,
    Column("chain", Uuid(as_uuid=False), primary_key=True),
    Column("block", BigInteger, primary_key=True),
)
"""Which heads the checkpoints name: tells the sealer what has moved, and nobody anything else."""
