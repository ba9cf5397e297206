import sqlalchemy as sa

from chassis.database import NAMING
from chassis.messaging import message_tables

metadata = sa.MetaData(naming_convention=NAMING)
outbox, inbox = message_tables(metadata)
notes = sa.Table(
    "notes",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
)
