"""What every module of tables begins with."""

from typing import Final

from sqlalchemy import DateTime, MetaData, Uuid
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType

from chassis.database import NAMING


class TransactionId(UserDefinedType[int]):
    """PostgreSQL's `xid8`: the id of the writing transaction, which never wraps."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


# Whoever compares a database with these tables reads the column back as what it is.
ischema_names["xid8"] = TransactionId

metadata = MetaData(naming_convention=NAMING)

INSTANT: Final = DateTime(timezone=True)
ID: Final = Uuid(as_uuid=False)
