"""Open cases as work have a row for each unit with a part in them: one index leads to a unit's list. When a case counts as received
its clock says, and the case no longer does."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_id = sa.Uuid(as_uuid=False)

# Of a case: its units, when it is open. One that comes back among the open ones, or to another unit, is due when its clock says.
_UNITS = """
CREATE FUNCTION units_at_work(given cases) RETURNS SETOF text LANGUAGE sql STABLE AS $$
    SELECT given.division UNION SELECT given.agency
    UNION SELECT unit FROM unnest(ARRAY[given.receiving_unit, given.receiving_division]) AS unit
        WHERE unit IS NOT NULL AND given.status IN ('submitted', 'prereview', 'correction')
    UNION SELECT given.delivering_division
        WHERE given.delivering_division IS NOT NULL AND given.status IN ('granted', 'refused', 'producing', 'delivering')
$$
"""
_WORK_OF_CASES = """
CREATE OR REPLACE FUNCTION work_follows_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status IN ('not_accepted', 'closed', 'archived', 'withdrawn', 'terminated') THEN
        DELETE FROM work WHERE case_id = NEW.id;
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM work WHERE case_id = NEW.id AND unit NOT IN (SELECT unit FROM units_at_work(NEW) AS unit);
    END IF;
    INSERT INTO work (case_id, unit, division, agency, matter, status, due_at)
    SELECT NEW.id, unit, NEW.division, NEW.agency, substr(NEW.task_code, 20, 12), NEW.status,
        coalesce((SELECT due_at FROM clocks WHERE case_id = NEW.id), 'infinity')
    FROM units_at_work(NEW) AS unit
    ON CONFLICT (case_id, unit) DO UPDATE SET division = excluded.division, agency = excluded.agency, status = excluded.status;
    RETURN NULL;
END $$
"""
_WORK_OF_OPEN_CASES = """
INSERT INTO work (case_id, unit, division, agency, matter, status, due_at)
SELECT id, unit, division, agency, substr(task_code, 20, 12), status, coalesce(due_at, 'infinity')
FROM cases LEFT JOIN clocks ON clocks.case_id = cases.id CROSS JOIN LATERAL units_at_work(cases) AS unit
WHERE status NOT IN ('not_accepted', 'closed', 'archived', 'withdrawn', 'terminated')
"""

_TELL_OF_STEP = """
CREATE FUNCTION tell_of_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM package_steps WHERE number = NEW.number) THEN
        PERFORM pg_notify('package_steps', '');
    END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.drop_table("work")
    op.create_table(
        "work",
        sa.Column("case_id", _id, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("'infinity'::timestamptz")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_work_case_id")),
        sa.PrimaryKeyConstraint("case_id", "unit", name=op.f("pk_work")),
    )
    op.drop_column("cases", "received_at")
    op.execute(_UNITS)
    op.execute(_WORK_OF_CASES)
    op.execute("DROP TRIGGER cases_are_work ON cases")
    op.execute(
        "CREATE TRIGGER cases_are_work AFTER INSERT OR UPDATE OF"
        " status, division, agency, receiving_unit, receiving_division, delivering_division ON cases"
        " FOR EACH ROW EXECUTE FUNCTION work_follows_case()"
    )
    op.execute(_WORK_OF_OPEN_CASES)
    op.execute(_TELL_OF_STEP)
    op.execute(
        "CREATE TRIGGER cases_end_steps AFTER UPDATE OF status ON cases FOR EACH ROW"
        " WHEN (NEW.status IN ('not_accepted', 'closed', 'archived', 'withdrawn', 'terminated'))"
        " EXECUTE FUNCTION tell_of_step()"
    )
    shown = ["status", "division", "agency"]
    op.create_index("ix_work_unit_matter_due_at_case_id", "work", ["unit", "matter", "due_at", "case_id"], postgresql_include=shown)
    op.create_index("ix_work_unit_due_at_case_id", "work", ["unit", "due_at", "case_id"], postgresql_include=["matter", *shown])
    op.create_index("ix_work_unit_case_id", "work", ["unit", "case_id"], postgresql_where=sa.text("unit <> division AND unit <> agency"))
