"""What every module of rows stands on."""

from sqlalchemy import DateTime, MetaData

from chassis.database import NAMING

metadata = MetaData(naming_convention=NAMING)
instant = DateTime(timezone=True)
