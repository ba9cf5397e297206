"""Parties: environments, keys with a life, networks, quotas; changes that await a second officer."""

import sqlalchemy as sa
from alembic import op
from joserfc.jwk import ECKey
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    _widen_parties()
    _create_keys()
    _move_keys()
    op.drop_column("parties", "jwks")
    _create_changes()
    op.execute(
        "CREATE TRIGGER party_keys_changed AFTER INSERT OR UPDATE OR DELETE ON party_keys FOR EACH STATEMENT EXECUTE FUNCTION registry_notify()"
    )


def _widen_parties() -> None:
    for name in ("status_before", "production_by", "withdrawn_by", "withdrawn_for"):
        op.add_column("parties", sa.Column(name, sa.Text))
    for name in ("production_at", "expires_at"):
        op.add_column("parties", sa.Column(name, _instant))
    op.add_column("parties", sa.Column("per_day", sa.Integer))
    for name in ("duties", "application", "purposes"):
        op.add_column("parties", sa.Column(name, JSONB, nullable=False, server_default="{}"))
        op.alter_column("parties", name, server_default=None)
    op.add_column("parties", sa.Column("networks", ARRAY(sa.Text), nullable=False, server_default="{}"))
    op.alter_column("parties", "networks", server_default=None)
    op.create_index("ix_parties_expires_at", "parties", ["expires_at"])
    # Whoever was in use before there was a sandbox has been in production all the time.
    op.execute("UPDATE parties SET production_at = changed_at, production_by = approved_by WHERE status IN ('active', 'suspended')")
    op.execute("UPDATE parties SET status_before = 'active' WHERE status = 'suspended'")


def _create_keys() -> None:
    op.create_table(
        "party_keys",
        sa.Column("party", sa.Uuid(as_uuid=False), sa.ForeignKey("parties.id"), primary_key=True),
        sa.Column("kid", sa.Text, primary_key=True),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("use", sa.Text, nullable=False),
        sa.Column("thumbprint", sa.Text, nullable=False),
        sa.Column("jwk", JSONB),
        sa.Column("not_before", _instant, nullable=False),
        sa.Column("not_after", _instant),
        sa.Column("added_by", sa.Text),
        sa.Column("added_at", _instant, nullable=False),
        sa.Column("revoked_by", sa.Text),
        sa.Column("revoked_at", _instant),
        sa.UniqueConstraint("party", "thumbprint"),
    )


def _move_keys() -> None:
    """What a party signed with until now are its keys of production, or of the sandbox where it still awaits approval."""
    connection = op.get_bind()
    found = connection.execute(sa.text("SELECT id, status, jwks, applied_by, changed_at FROM parties")).all()
    keys = sa.table("party_keys", *(sa.column(each) for each in _MOVED), sa.column("jwk", JSONB))
    for party in found:
        rows = {}
        for jwk in party.jwks:
            thumbprint = ECKey.import_key(jwk).thumbprint()
            environment = "sandbox" if party.status == "applied" else "production"
            said = (party.id, str(jwk.get("kid") or thumbprint), environment, "signature", thumbprint, party.changed_at)
            rows[thumbprint] = {**dict(zip(_MOVED, (*said, party.applied_by, party.changed_at), strict=True)), "jwk": jwk}
        if rows:
            connection.execute(sa.insert(keys), list(rows.values()))


_MOVED = ("party", "kid", "environment", "use", "thumbprint", "not_before", "added_by", "added_at")


def _create_changes() -> None:
    op.create_table(
        "changes",
        sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("proposed_by", sa.Text, nullable=False),
        sa.Column("proposed_at", _instant, nullable=False),
        sa.Column("reviewed_by", sa.Text),
        sa.Column("reviewed_at", _instant),
        sa.Column("note", sa.Text),
    )
    op.create_index("ix_changes_state_id", "changes", ["state", "id"])
    op.create_index("ix_changes_target_id", "changes", ["target", "id"])
