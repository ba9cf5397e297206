"""Sessions know their proofs, grants stand between sessions and tokens; organisations and staff."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_id = sa.Uuid(as_uuid=False)
_instant = sa.DateTime(timezone=True)
_texts = postgresql.ARRAY(sa.Text())


def upgrade() -> None:
    _organisations()
    _clients()
    _sessions()
    _grants()


def _organisations() -> None:
    op.create_table(
        "organisations",
        sa.Column("id", _id, nullable=False),
        sa.Column("credit_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("representative", _id, nullable=False),
        sa.Column("assurance", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("registered_at", _instant, nullable=False),
        sa.ForeignKeyConstraint(["representative"], ["persons.id"], name=op.f("fk_organisations_representative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_organisations_credit_code")),
    )
    op.create_index(op.f("ix_organisations_representative"), "organisations", ["representative"])
    op.create_table(
        "staff",
        sa.Column("id", _id, nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("window", sa.Text(), nullable=True),
        sa.Column("duties", _texts, nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("failures", sa.SmallInteger(), nullable=False),
        sa.Column("locked_until", _instant, nullable=True),
        sa.Column("created_at", _instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("agency", "number", name=op.f("uq_staff_agency_number")),
    )


def _clients() -> None:
    op.add_column("clients", sa.Column("agency", sa.Text(), nullable=True))
    op.create_table(
        "client_settings",
        sa.Column("client_id", _id, nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("auth_method", sa.Text(), nullable=False),
        sa.Column("id_token_alg", sa.Text(), nullable=False),
        sa.Column("grant_types", _texts, nullable=False),
        sa.Column("scopes", _texts, nullable=False),
        sa.Column("post_logout_redirect_uris", _texts, nullable=False),
        sa.Column("backchannel_logout_uri", sa.Text(), nullable=True),
        sa.Column("asks_consent", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", _instant, nullable=False),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_client_settings")),
    )
    op.create_table(
        "client_secrets",
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", _id, nullable=False),
        sa.Column("created_at", _instant, nullable=False),
        sa.Column("expires_at", _instant, nullable=True),
        sa.PrimaryKeyConstraint("secret", name=op.f("pk_client_secrets")),
    )
    op.create_index(op.f("ix_client_secrets_client_id"), "client_secrets", ["client_id"])
    op.create_table(
        "client_consents",
        sa.Column("id", _id, nullable=False),
        sa.Column("person_id", _id, nullable=False),
        sa.Column("client_id", _id, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("given_at", _instant, nullable=False),
        sa.Column("withdrawn_at", _instant, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_client_consents_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_consents")),
    )
    op.create_index("ix_client_consents_person_id_client_id", "client_consents", ["person_id", "client_id"])


def _sessions() -> None:
    for column in (
        sa.Column("staff_id", _id, nullable=True),
        sa.Column("methods", _texts, nullable=True),
        sa.Column("assurance", sa.SmallInteger(), nullable=True),
        sa.Column("device", sa.Text(), nullable=True),
        sa.Column("proven_at", _instant, nullable=True),
        sa.Column("fresh_until", _instant, nullable=True),
        sa.Column("last_seen_at", _instant, nullable=True),
    ):
        op.add_column("sessions", column)
    # What a sign-on was worth before it said so: that of the account, proven once by password.
    op.execute(
        "UPDATE sessions SET methods = '{pwd}', device = '', proven_at = signed_on_at, fresh_until = sessions.expires_at, "
        "assurance = least(persons.assurance, 3) FROM persons WHERE persons.id = sessions.person_id"
    )
    for name in ("methods", "assurance", "device", "proven_at", "fresh_until"):
        op.alter_column("sessions", name, nullable=False)
    op.alter_column("sessions", "person_id", nullable=True)
    op.create_foreign_key(op.f("fk_sessions_staff_id"), "sessions", "staff", ["staff_id"], ["id"])
    op.create_index(op.f("ix_sessions_staff_id"), "sessions", ["staff_id"])
    op.create_check_constraint(op.f("ck_sessions_one_account"), "sessions", "(person_id IS NULL) <> (staff_id IS NULL)")


def _grants() -> None:
    op.create_table(
        "authorization_requests",
        sa.Column("handle", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", _id, nullable=False),
        sa.Column("said", postgresql.JSONB(), nullable=False),
        sa.Column("browser", sa.LargeBinary(), nullable=True),
        sa.Column("is_pushed", sa.Boolean(), nullable=False),
        sa.Column("created_at", _instant, nullable=False),
        sa.Column("expires_at", _instant, nullable=False),
        sa.Column("used_at", _instant, nullable=True),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_authorization_requests")),
    )
    op.create_index(op.f("ix_authorization_requests_expires_at"), "authorization_requests", ["expires_at"])
    op.create_table(
        "grants",
        sa.Column("id", _id, nullable=False),
        sa.Column("session_id", _id, nullable=False),
        sa.Column("client_id", _id, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("said", postgresql.JSONB(), nullable=False),
        sa.Column("jkt", sa.Text(), nullable=True),
        sa.Column("created_at", _instant, nullable=False),
        sa.Column("revoked_at", _instant, nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_grants_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
    )
    op.create_index(op.f("ix_grants_session_id"), "grants", ["session_id"])
    # Codes live a minute; a refresh token of before asks its person to sign on once more.
    op.drop_table("authorization_codes")
    op.drop_table("refresh_tokens")
    op.create_table(
        "authorization_codes",
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("grant_id", _id, nullable=False),
        sa.Column("client_id", _id, nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("challenge", sa.Text(), nullable=True),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("expires_at", _instant, nullable=False),
        sa.Column("used_at", _instant, nullable=True),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_authorization_codes_grant_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_authorization_codes")),
    )
    op.create_index(op.f("ix_authorization_codes_expires_at"), "authorization_codes", ["expires_at"])
    op.create_table(
        "refresh_tokens",
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("grant_id", _id, nullable=False),
        sa.Column("client_id", _id, nullable=False),
        sa.Column("expires_at", _instant, nullable=False),
        sa.Column("used_at", _instant, nullable=True),
        sa.Column("successor", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_refresh_tokens_grant_id")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_refresh_tokens")),
    )
    op.create_index(op.f("ix_refresh_tokens_expires_at"), "refresh_tokens", ["expires_at"])
    op.create_index(op.f("ix_refresh_tokens_grant_id"), "refresh_tokens", ["grant_id"])
