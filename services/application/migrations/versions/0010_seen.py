"""Open cases as work, what an officer is limited to, the slip of a case, notifications; whoever watches is told of what moves."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_instant = sa.DateTime(timezone=True)
_id = sa.Uuid(as_uuid=False)

# Rows of work follow from cases and clocks as an index does: nothing that moves a case can forget them.
_WORK_OF_CASES = """
CREATE FUNCTION work_follows_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status IN ('not_accepted', 'closed', 'archived', 'withdrawn', 'terminated') THEN
        DELETE FROM work WHERE case_id = NEW.id;
    ELSE
        INSERT INTO work (case_id, division, agency, matter, status)
        VALUES (NEW.id, NEW.division, NEW.agency, substr(NEW.task_code, 20, 12), NEW.status)
        ON CONFLICT (case_id) DO UPDATE SET division = excluded.division, agency = excluded.agency, status = excluded.status;
    END IF;
    RETURN NULL;
END $$
"""
_WORK_OF_CLOCKS = """
CREATE FUNCTION work_follows_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE work SET due_at = coalesce(NEW.due_at, 'infinity') WHERE case_id = NEW.case_id;
    RETURN NULL;
END $$
"""
_TELL = """
CREATE FUNCTION tell_of_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('case_moves', NEW.id::text);
    RETURN NULL;
END $$
"""
_TELL_OF_SCOPE = """
CREATE FUNCTION tell_of_scope() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('officer_scopes', coalesce(NEW.officer, OLD.officer));
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    for name in ("applicant_number", "applicant_key"):
        op.add_column("cases", sa.Column(name, sa.LargeBinary()))
    op.create_index("ix_cases_applicant_key", "cases", ["applicant_key"], postgresql_where=sa.text("applicant_key IS NOT NULL"))
    for unit in ("division", "agency"):
        op.create_index(f"ix_cases_{unit}_id", "cases", [unit, "id"], postgresql_include=["status", "task_code"])
    _work()
    op.create_table(
        "officer_scopes",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("matters", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", _instant, nullable=False),
        sa.PrimaryKeyConstraint("unit", "officer", name=op.f("pk_officer_scopes")),
    )
    op.create_table(
        "slips",
        sa.Column("short_number", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("password", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.SmallInteger(), nullable=False),
        sa.Column("failed_at", _instant),
        sa.Column("made_at", _instant, nullable=False),
        sa.PrimaryKeyConstraint("short_number", name=op.f("pk_slips")),
        sa.UniqueConstraint("number", name=op.f("uq_slips_number")),
    )
    _notifications()
    op.execute(_TELL)
    op.execute("CREATE TRIGGER history_is_told AFTER INSERT ON history FOR EACH ROW EXECUTE FUNCTION tell_of_move()")
    op.execute(_TELL_OF_SCOPE)
    op.execute(
        "CREATE TRIGGER scopes_are_told AFTER INSERT OR UPDATE OR DELETE ON officer_scopes FOR EACH ROW EXECUTE FUNCTION tell_of_scope()"
    )


def _work() -> None:
    op.create_table(
        "work",
        sa.Column("case_id", _id, nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("due_at", _instant, nullable=False, server_default=sa.text("'infinity'::timestamptz")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_work_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_work")),
    )
    op.execute(
        "INSERT INTO work SELECT id, division, agency, substr(task_code, 20, 12), status, coalesce(due_at, 'infinity')"
        " FROM cases LEFT JOIN clocks ON clocks.case_id = cases.id"
        " WHERE status NOT IN ('not_accepted', 'closed', 'archived', 'withdrawn', 'terminated')"
    )
    for unit, other in (("division", "agency"), ("agency", "division")):
        op.create_index(
            f"ix_work_{unit}_matter_due_at_case_id", "work", [unit, "matter", "due_at", "case_id"], postgresql_include=["status", other]
        )
        op.create_index(
            f"ix_work_{unit}_due_at_case_id", "work", [unit, "due_at", "case_id"], postgresql_include=["status", "matter", other]
        )
    op.execute(_WORK_OF_CASES)
    op.execute(
        "CREATE TRIGGER cases_are_work AFTER INSERT OR UPDATE OF status, division, agency ON cases"
        " FOR EACH ROW EXECUTE FUNCTION work_follows_case()"
    )
    op.execute(_WORK_OF_CLOCKS)
    op.execute(
        "CREATE TRIGGER clocks_set_work AFTER INSERT OR UPDATE OF due_at ON clocks FOR EACH ROW EXECUTE FUNCTION work_follows_clock()"
    )


def _notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("id", _id, nullable=False),
        sa.Column("case_id", _id, nullable=False),
        sa.Column("person_id", _id, nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("failure", sa.Text()),
        sa.Column("made_at", _instant, nullable=False),
        sa.Column("sent_at", _instant),
        sa.Column("delivered_at", _instant),
        sa.Column("next_at", _instant),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_notifications_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
    )
    op.create_index("ix_notifications_case_id_id", "notifications", ["case_id", "id"])
    op.create_index("ix_notifications_next_at", "notifications", ["next_at"], postgresql_where=sa.text("next_at IS NOT NULL"))
