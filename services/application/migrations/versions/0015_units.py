"""Units that take in or hand out what another one decides have it among their work, while it is theirs to do."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None

_UNITS = "NEW.receiving_unit IS NOT NULL OR NEW.receiving_division IS NOT NULL OR NEW.delivering_division IS NOT NULL"
_FOLLOW = """
CREATE FUNCTION shared_work_follows_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM shared_work WHERE case_id = NEW.id;
    INSERT INTO shared_work (unit, case_id)
    SELECT DISTINCT unit, NEW.id FROM (
        SELECT unnest(ARRAY[NEW.receiving_unit, NEW.receiving_division]) AS unit
        WHERE NEW.status IN ('submitted', 'prereview', 'correction')
        UNION ALL
        SELECT NEW.delivering_division WHERE NEW.status IN ('granted', 'refused', 'producing', 'delivering')
    ) others WHERE unit NOT IN (NEW.agency, NEW.division);
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "shared_work",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_shared_work_case_id")),
        sa.PrimaryKeyConstraint("unit", "case_id", name=op.f("pk_shared_work")),
    )
    op.create_index("ix_shared_work_case_id", "shared_work", ["case_id"])
    op.execute(_FOLLOW)
    # Most cases stay with one unit, and pay nothing.
    op.execute(
        "CREATE TRIGGER cases_are_shared_work AFTER INSERT OR UPDATE OF"
        " status, division, agency, receiving_unit, receiving_division, delivering_division ON cases"
        f" FOR EACH ROW WHEN ({_UNITS}) EXECUTE FUNCTION shared_work_follows_case()"
    )
    op.execute(
        "UPDATE cases SET status = status"
        " WHERE receiving_unit IS NOT NULL OR receiving_division IS NOT NULL OR delivering_division IS NOT NULL"
    )
