"""Clocks, cards and the calendar's versions; a case keeps the limits of its version."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_instant = sa.DateTime(timezone=True)
_id = sa.Uuid(as_uuid=False)
_REFUSE = """
CREATE FUNCTION cards_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.answered_at IS NULL
       AND (NEW.id, NEW.case_id, NEW.rule, NEW.number, NEW.raised_at) = (OLD.id, OLD.case_id, OLD.rule, OLD.number, OLD.raised_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a card is answered once and never deleted';
END $$
"""


def upgrade() -> None:
    op.add_column("cases", sa.Column("limits", postgresql.JSONB(), nullable=False, server_default="{}"))
    op.alter_column("cases", "limits", server_default=None)
    op.add_column("cases", sa.Column("corrected_at", _instant))
    op.add_column("cases", sa.Column("renews", postgresql.JSONB(none_as_null=True)))
    _clocks()
    _cards()
    op.create_table(
        "calendars",
        sa.Column("version", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", _id, nullable=False),
        sa.Column("year", sa.Integer()),
        sa.Column("off", postgresql.ARRAY(sa.Date())),
        sa.Column("worked", postgresql.ARRAY(sa.Date())),
        sa.Column("unit", sa.Text()),
        sa.Column("opens", sa.Time()),
        sa.Column("closes", sa.Time()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("imported_by", sa.Text(), nullable=False),
        sa.Column("imported_at", _instant, nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_calendars")),
        sa.UniqueConstraint("id", name=op.f("uq_calendars_id")),
    )


def _clocks() -> None:
    instants = (
        "due_at", "prereview_due_at", "intake_due_at", "correction_due_at", "promise_due_at", "statutory_due_at", "step_due_at",
        "suspension_due_at", "result_due_at", "next_at",
    )  # fmt: skip
    op.create_table(
        "clocks",
        sa.Column("case_id", _id, nullable=False),
        sa.Column("calendar", _id),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("is_first", sa.Boolean(), nullable=False),
        sa.Column("is_provisional", sa.Boolean(), nullable=False),
        sa.Column("received_at", _instant, nullable=False),
        *(sa.Column(name, _instant) for name in instants),
        sa.Column("settled", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_clocks_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_clocks")),
    )
    op.create_index("ix_clocks_next_at_case_id", "clocks", ["next_at", "case_id"], postgresql_where=sa.text("next_at IS NOT NULL"))
    op.create_index("ix_clocks_calendar_case_id", "clocks", ["calendar", "case_id"], postgresql_where=sa.text("is_open"))


def _cards() -> None:
    op.create_table(
        "cards",
        sa.Column("id", _id, nullable=False),
        sa.Column("case_id", _id, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("to_supervisor", sa.Boolean(), nullable=False),
        sa.Column("task_code", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("raised_at", _instant, nullable=False),
        sa.Column("answered_at", _instant),
        sa.Column("answered_by", sa.Text()),
        sa.Column("answer", sa.Text()),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_cards_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cards")),
    )
    op.create_index("ix_cards_case_id", "cards", ["case_id"])
    is_open = sa.text("answered_at IS NULL")
    op.create_index("uq_cards_case_id_rule", "cards", ["case_id", "rule"], unique=True, postgresql_where=is_open)
    op.create_index("ix_cards_agency_id", "cards", ["agency", "id"])
    op.create_index("ix_cards_division_id", "cards", ["division", "id"])
    op.execute(_REFUSE)
    op.execute("CREATE TRIGGER card_rows_stay BEFORE UPDATE OR DELETE ON cards FOR EACH ROW EXECUTE FUNCTION cards_stay()")
    op.execute("CREATE TRIGGER cards_stay BEFORE TRUNCATE ON cards FOR EACH STATEMENT EXECUTE FUNCTION cards_stay()")
