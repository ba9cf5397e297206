"""Blocks of quotas, leased by gateway processes; which answers are personal; who sees them unmasked."""

from alembic import op
from sqlalchemy import Boolean, Column, DateTime, Integer, SmallInteger, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_instant = DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "allowances",
        Column("party", Uuid(as_uuid=False), primary_key=True),
        Column("environment", Text, primary_key=True),
        Column("policy", Text, primary_key=True),
        Column("starts_at", _instant, primary_key=True),
        Column("ends_at", _instant, nullable=False),
        Column("pool", Integer, nullable=False),
        Column("leased", Integer, nullable=False),
        Column("granted", Integer, nullable=False),
    )
    op.create_index("ix_allowances_ends_at", "allowances", ["ends_at"])
    op.create_table(
        "allowance_slots",
        Column("slot", SmallInteger, primary_key=True, autoincrement=False),
        Column("holder", Text, nullable=False, unique=True),
        Column("since", _instant, nullable=False),
        Column("until", _instant, nullable=False),
    )
    op.add_column("resources", Column("personal", ARRAY(Text), nullable=False, server_default="{}"))
    op.create_table(
        "masking_rules",
        Column("position", SmallInteger, primary_key=True, autoincrement=False),
        Column("kinds", ARRAY(Text), nullable=False),
        Column("channels", ARRAY(Text), nullable=False),
        Column("permissions", ARRAY(Text), nullable=False),
        Column("duties", ARRAY(Text), nullable=False),
        Column("is_own", Boolean),
        Column("has_officer", Boolean),
        Column("grade", SmallInteger, nullable=False),
        Column("clear", ARRAY(Text), nullable=False),
        Column("zh", Text, nullable=False),
        Column("en", Text, nullable=False),
    )
    op.execute(
        "CREATE TRIGGER masking_rules_changed AFTER INSERT OR UPDATE OR DELETE ON masking_rules "
        "FOR EACH STATEMENT EXECUTE FUNCTION registry_notify()"
    )
