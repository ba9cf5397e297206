"""Every move of a case is told to its handlers: callbacks with their ledger, results by work forms, supervising agencies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.application.tables.schema import TransactionId

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_id = sa.Uuid(as_uuid=False)
_instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    _dispatches()
    _callbacks()
    _deliveries()
    _returned()
    _permits()


def _dispatches() -> None:
    op.add_column("dispatches", sa.Column("revision", sa.Integer()))
    op.add_column("dispatches", sa.Column("status", sa.Text(), nullable=False, server_default="submitted"))
    op.alter_column("dispatches", "status", server_default=None)
    # Until now there was one row for the submission and one for the correction, which always followed the notice.
    op.execute("UPDATE dispatches SET revision = CASE reason WHEN 'submitted' THEN 1 ELSE 3 END")
    op.alter_column("dispatches", "revision", nullable=False)
    op.alter_column("dispatches", "division", nullable=True)
    op.drop_constraint("uq_dispatches_number_reason", "dispatches")
    op.create_unique_constraint(op.f("uq_dispatches_number_revision_agency"), "dispatches", ["number", "revision", "agency"])


def _callbacks() -> None:
    op.create_table(
        "callbacks",
        sa.Column("party", _id, nullable=False),
        sa.Column("division", sa.Text()),
        sa.Column("agency", sa.Text()),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("per_second", sa.SmallInteger(), nullable=False),
        sa.Column("at_once", sa.SmallInteger(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("registered_at", _instant, nullable=False),
        sa.Column("planned_transaction", TransactionId(), nullable=False),
        sa.Column("planned_id", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("resumes_at", _instant, nullable=False),
        sa.Column("free_at", _instant, nullable=False),
        sa.Column("lease", _id),
        sa.Column("leased_until", _instant, nullable=False),
        sa.CheckConstraint("(division IS NULL) <> (agency IS NULL)", name=op.f("ck_callbacks_one_scope")),
        sa.PrimaryKeyConstraint("party", name=op.f("pk_callbacks")),
    )
    op.create_table(
        "callback_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("party", _id, nullable=False),
        sa.Column("public", postgresql.JSONB(), nullable=False),
        sa.Column("private", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", _instant, nullable=False),
        sa.Column("signs_from", _instant, nullable=False),
        sa.ForeignKeyConstraint(["party"], ["callbacks.party"], name=op.f("fk_callback_keys_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callback_keys")),
    )
    op.create_index(op.f("ix_callback_keys_party"), "callback_keys", ["party"])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", _id, nullable=False),
        sa.Column("place", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("party", _id, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("is_replay", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", _instant, nullable=False),
        sa.Column("wanted_at", _instant, nullable=False),
        sa.Column("due_at", _instant, nullable=False),
        sa.Column("ended_at", _instant),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'dead')", name=op.f("ck_deliveries_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index("ix_deliveries_party_place", "deliveries", ["party", "place"])
    op.create_index("ix_deliveries_number", "deliveries", ["number"])
    op.create_index("ix_deliveries_waiting", "deliveries", ["party", "due_at"], postgresql_where=sa.text("state = 'waiting'"))
    unfinished = sa.text("state <> 'delivered'")
    op.create_index("ix_deliveries_unfinished", "deliveries", ["party", "number", "place"], postgresql_where=unfinished)
    op.create_index("ix_deliveries_ended_at", "deliveries", ["ended_at"], postgresql_where=sa.text("state = 'delivered'"))
    op.create_table(
        "delivery_attempts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("delivery_id", _id, nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("latency_ms", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_delivery_attempts_delivery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_attempts")),
    )
    op.create_index(op.f("ix_delivery_attempts_delivery_id"), "delivery_attempts", ["delivery_id"])


def _returned() -> None:
    op.create_table(
        "operations",
        sa.Column("party", _id, nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.PrimaryKeyConstraint("party", "operation", name=op.f("pk_operations")),
    )
    op.create_table(
        "work_forms",
        sa.Column("id", _id, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("party", _id, nullable=False),
        sa.Column("case_number", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("issued_at", _instant, nullable=False),
        sa.Column("returned_by", sa.Text()),
        sa.Column("returned_at", _instant),
        sa.CheckConstraint("(returned_by IS NULL) = (returned_at IS NULL)", name=op.f("ck_work_forms_returned")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_forms")),
        sa.UniqueConstraint("number", name=op.f("uq_work_forms_number")),
    )
    op.create_index("ix_work_forms_party_issued_at_id", "work_forms", ["party", "issued_at", "id"])
    op.create_index("ix_work_forms_out", "work_forms", ["issued_at"], postgresql_where=sa.text("returned_at IS NULL"))
    kinds = "kind IN ('unreturned', 'overtaken', 'copied', 'altered')"
    op.create_table(
        "work_form_findings",
        sa.Column("id", _id, nullable=False),
        sa.Column("form_id", _id, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("found_at", _instant, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("settled_at", _instant),
        sa.Column("settled_by", sa.Text()),
        sa.Column("note", sa.Text()),
        sa.CheckConstraint(kinds, name=op.f("ck_work_form_findings_kind")),
        sa.ForeignKeyConstraint(["form_id"], ["work_forms.id"], name=op.f("fk_work_form_findings_form_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_form_findings")),
        sa.UniqueConstraint("form_id", "kind", name=op.f("uq_work_form_findings_form_id_kind")),
    )


def _permits() -> None:
    op.create_table(
        "permit_supervisors",
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", _instant, nullable=False),
        sa.PrimaryKeyConstraint("matter", name=op.f("pk_permit_supervisors")),
    )
    op.create_table(
        "permit_notices",
        sa.Column("id", _id, nullable=False),
        sa.Column("supervisor", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("task_code", sa.Text(), nullable=False),
        sa.Column("matter_name", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("agency_name", sa.Text(), nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("received_at", _instant),
        sa.Column("received_by", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permit_notices")),
        sa.UniqueConstraint("supervisor", "number", "revision", name=op.f("uq_permit_notices_supervisor_number_revision")),
    )
    op.create_index("ix_permit_notices_supervisor_id", "permit_notices", ["supervisor", "id"])
