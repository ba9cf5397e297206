"""What the rows of all areas share."""

from sqlalchemy import DateTime, MetaData, Uuid

from chassis.database import NAMING

metadata = MetaData(naming_convention=NAMING)

instant = DateTime(timezone=True)
id_ = Uuid(as_uuid=False)

DIGEST = {"plain": "digest of a random secret of 256 bits"}
