from sqlalchemy import MetaData

from chassis.database import NAMING

metadata = MetaData(naming_convention=NAMING)
