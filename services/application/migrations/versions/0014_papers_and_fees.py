"""What is sealed in what stays comes under another key; a card lists what it is about; a message may be about one step of a case."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# The setting is the sealer's, for the transaction in which it brings rows under another key; what has no id of a key yet gets one.
_RESEALED = """
CREATE FUNCTION is_resealed(before bytea, after bytea) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT before IS NOT DISTINCT FROM after
        OR (before IS NOT NULL AND after IS NOT NULL AND substring(before, 1, 5) <> substring(after, 1, 5)
            AND current_setting('chassis.resealing', true) = 'on')
$$
"""
_HISTORY = """
CREATE OR REPLACE FUNCTION history_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF to_jsonb(OLD) - 'replaced' = to_jsonb(NEW) - 'replaced' AND is_resealed(OLD.replaced, NEW.replaced) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the history of a case is never changed';
END $$
"""
_DOCUMENTS = """
CREATE OR REPLACE FUNCTION documents_stay() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    printed text[] := ARRAY['sheet', 'digest', 'signature', 'algorithm', 'key_id', 'public_key', 'is_test', 'sealed_at'];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF is_resealed(OLD.content, NEW.content) THEN
            IF OLD.digest IS NULL AND to_jsonb(OLD) - printed - 'content'::text = to_jsonb(NEW) - printed - 'content'::text THEN
                RETURN NEW;
            END IF;
            IF to_jsonb(OLD) - '{content,sheet}'::text[] = to_jsonb(NEW) - '{content,sheet}'::text[] AND is_resealed(OLD.sheet, NEW.sheet) THEN
                RETURN NEW;
            END IF;
        END IF;
    END IF;
    RAISE EXCEPTION 'a document that was issued is never changed';
END $$
"""
_CARDS = """
CREATE OR REPLACE FUNCTION cards_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.answered_at IS NULL AND NEW.occasions @> OLD.occasions
       AND (NEW.id, NEW.case_id, NEW.rule, NEW.number, NEW.raised_at) = (OLD.id, OLD.case_id, OLD.rule, OLD.number, OLD.raised_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a card is answered once and never deleted';
END $$
"""


def upgrade() -> None:
    op.execute(_RESEALED)
    op.execute(_HISTORY)
    op.execute(_DOCUMENTS)
    op.add_column("cards", sa.Column("occasions", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.alter_column("cards", "occasions", server_default=None)
    # Those that were answered too: what a card was about is said in one place.
    op.execute("ALTER TABLE cards DISABLE TRIGGER card_rows_stay")
    op.execute("UPDATE cards SET occasions = jsonb_build_array(jsonb_build_object('note', note, 'at', raised_at))")
    op.execute("ALTER TABLE cards ENABLE TRIGGER card_rows_stay")
    op.execute(_CARDS)
    op.add_column("notifications", sa.Column("about", sa.Text()))
    is_about = sa.text("about IS NOT NULL")
    op.create_index(
        "uq_notifications_case_id_act_about_channel", "notifications", ["case_id", "act", "about", "channel"], unique=True,
        postgresql_where=is_about,
    )  # fmt: skip
