"""The number of a certificate may be its holder's: it is sealed like the holder's, and found by a keyed hash.

Where there are certificates already, `CERTIFICATE_DATA_KEY_FILE` must name the file that the service seals with.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import context, op

from chassis.sealing import Sealer

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_AT_ONCE = 500
_certificates = sa.table("certificates", sa.column("id", sa.Uuid(as_uuid=False)), *map(sa.column, ("number", "sealed", "number_key")))


def upgrade() -> None:
    op.add_column("certificates", sa.Column("sealed", sa.LargeBinary(), nullable=True))
    op.add_column("certificates", sa.Column("number_key", sa.LargeBinary(), nullable=True))
    _seal(op.get_bind())
    op.drop_constraint("uq_certificates_type_issuer_number", "certificates")
    op.drop_column("certificates", "number")
    op.alter_column("certificates", "sealed", new_column_name="number", nullable=False)
    op.alter_column("certificates", "number_key", nullable=False)
    op.create_unique_constraint("uq_certificates_type_issuer_number_key", "certificates", ["type", "issuer", "number_key"])

    op.add_column("holders", sa.Column("holder_id", sa.LargeBinary(), nullable=True))
    # Sealed bytes say nothing of the column that they are for.
    op.execute("UPDATE holders SET holder_id = c.holder_id FROM certificates c WHERE c.holder_key = holders.holder_key")


def _seal(connection: sa.Connection) -> None:
    open_ones = sa.select(_certificates.c.id, _certificates.c.number).where(_certificates.c.sealed.is_(None)).limit(_AT_ONCE)
    sealer: Sealer | None = None
    while rows := connection.execute(open_ones).all():
        sealer = sealer or Sealer.from_file(Path(context.config.attributes["settings"]["CERTIFICATE_DATA_KEY_FILE"]))
        for row in rows:
            sealed = {"sealed": sealer.seal(row.number), "number_key": sealer.lookup(row.number)}
            connection.execute(_certificates.update().where(_certificates.c.id == row.id).values(sealed))
