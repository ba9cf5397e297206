"""Resources with owners, classes and ends; data items, the three lists, scenes and the calls of a day."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_instant = sa.DateTime(timezone=True)


def _column(name: str, kind: Any, *, needed: bool = True) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=not needed)


def _texts(*names: str, needed: bool = True) -> list[sa.Column[Any]]:
    return [_column(name, sa.Text, needed=needed) for name in names]


def upgrade() -> None:
    _resources()
    _items()
    _lists()
    _scenes()


def _resources() -> None:
    for name, default in (("owner", ""), ("sharing", "conditional"), ("version", "1")):
        op.add_column("resources", sa.Column(name, sa.Text, nullable=False, server_default=default))
    for name in ("deprecated_at", "sunset_at"):
        op.add_column("resources", sa.Column(name, _instant))
    for name in ("successor", "reason", "changed_by", "classified_by"):
        op.add_column("resources", sa.Column(name, sa.Text))
    op.create_table(
        "certificate_types",
        sa.Column("code", sa.Text, primary_key=True),
        *_texts("name", "en", "issuer_function", "holder"),
        _column("grade", sa.SmallInteger),
        *_texts("sharing"),
        _column("version", sa.Integer),
        *_texts("provenance"),
        _column("registered_at", _instant),
        *_texts("state"),
        _column("deprecated_at", _instant, needed=False),
        _column("sunset_at", _instant, needed=False),
        *_texts("successor", "reason", "changed_by", needed=False),
    )


def _items() -> None:
    op.create_table(
        "data_items",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        *_texts("name", "en", "owner", "owner_name", "level", "about"),
        _column("fields", JSONB),
        _column("grade", sa.SmallInteger),
        *_texts("sharing"),
        _column("modes", ARRAY(sa.Text)),
        _column("max_age_s", sa.Integer),
        _column("refuses_stale", sa.Boolean),
        _column("quota_per_day", sa.Integer),
        *_texts("url", "result_name", "summary", "domain", "update_cycle", "quality_owner", "provenance"),
        *_texts("source", needed=False),
        *_texts("state"),
        *_texts("published_by", needed=False),
        _column("published_at", _instant),
        *_texts("reviewed_by", needed=False),
        _column("deprecated_at", _instant, needed=False),
        _column("sunset_at", _instant, needed=False),
        *_texts("successor", "reason", needed=False),
    )
    in_use = sa.text("state IN ('active', 'deprecated')")
    op.create_index("uq_data_items_in_use", "data_items", ["code"], unique=True, postgresql_where=in_use)
    op.create_index("uq_data_items_proposed", "data_items", ["code"], unique=True, postgresql_where=sa.text("state = 'proposed'"))


def _lists() -> None:
    op.create_table(
        "demands",
        sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
        _column("demander", sa.Uuid(as_uuid=False)),
        *_texts("demander_name"),
        *_texts("agency", needed=False),
        *_texts("matter", "item", "item_name", "purpose", "basis", "frequency", "provenance"),
        *_texts("source", needed=False),
        *_texts("filed_by"),
        _column("filed_at", _instant),
        _column("withdrawn_at", _instant, needed=False),
    )
    op.create_index("ix_demands_item", "demands", ["item"])
    op.create_table(
        "duties",
        sa.Column("item", sa.Text, primary_key=True),
        *_texts("supplier", "supplier_name", "update_cycle", "quality_owner", "basis"),
        _column("due_on", sa.Date, needed=False),
        *_texts("provenance"),
        *_texts("source", needed=False),
        _column("since", _instant),
        *_texts("assigned_by", needed=False),
    )
    op.create_table(
        "negative_list",
        sa.Column("item", sa.Text, primary_key=True),
        *_texts("reason", "basis"),
        _column("review_on", sa.Date),
        *_texts("provenance"),
        *_texts("source", needed=False),
        *_texts("entered_by"),
        _column("entered_at", _instant),
    )


def _scenes() -> None:
    op.create_table(
        "scenes",
        sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
        _column("demander", sa.Uuid(as_uuid=False)),
        *_texts("demander_name"),
        *_texts("agency", needed=False),
        *_texts("name"),
        _column("matters", ARRAY(sa.Text)),
        _column("items", JSONB),
        _column("certificate_types", ARRAY(sa.Text)),
        *_texts("purpose", "basis", "provenance"),
        *_texts("source", needed=False),
        _column("daily_cap", sa.Integer),
        _column("valid_from", sa.Date),
        _column("valid_to", sa.Date),
        *_texts("state", "applied_by"),
        _column("applied_at", _instant),
        _column("reply_due_on", sa.Date),
        _column("is_reply_due_provisional", sa.Boolean),
        _column("asked", ARRAY(sa.Text)),
        _column("approvals", JSONB),
        *_texts("revoked_by", needed=False),
        _column("revoked_at", _instant, needed=False),
        *_texts("revoked_for", needed=False),
    )
    op.create_index("ix_scenes_demander", "scenes", ["demander"])
    op.create_table(
        "daily_calls",
        sa.Column("what", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        _column("calls", sa.Integer),
    )
