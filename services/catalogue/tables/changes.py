from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Identity, Integer, Table, Text

from services.catalogue.tables.schema import metadata

# Written under the lock of publishing, which is held until the commit is seen: places are taken in the order of commits.
changes = Table(
    "changes",
    metadata,
    Column("place", BigInteger, Identity(always=True), primary_key=True),
    Column("basic_code", Text, ForeignKey("matters.basic_code")),
    Column("package", Text),
    Column("version", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("from_at", DateTime(timezone=True), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    CheckConstraint("kind IN ('published', 'withdrawn', 'suspended', 'resumed', 'retired')", name="kind"),
    CheckConstraint("num_nonnulls(basic_code, package) = 1", name="about"),
)
