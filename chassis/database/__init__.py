"""One PostgreSQL database per service: its engine, its transactions and its migrations."""

from chassis.database.engine import NAMING, Database
from chassis.database.gathering import gathering, put, written
from chassis.database.grouping import Grouped
from chassis.database.listening import listen
from chassis.database.sessions import ReadSession, WriteSession

__all__ = ["NAMING", "Database", "Grouped", "ReadSession", "WriteSession", "gathering", "listen", "put", "written"]
