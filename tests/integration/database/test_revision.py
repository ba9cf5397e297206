from collections.abc import Callable

import pytest
import sqlalchemy as sa

from chassis.database import Database
from deploy.local.revision import NothingChanged, next_revision
from tests.support.ledger.tables import metadata


def copy_of_tables() -> sa.MetaData:
    tables = sa.MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.sorted_tables:
        table.to_metadata(tables)
    return tables


async def test_a_revision_holds_what_the_tables_have_and_the_migrations_do_not(database_of: Callable[[str], Database]) -> None:
    tables = copy_of_tables()
    sa.Table("jars", tables, sa.Column("id", sa.Integer, primary_key=True))
    next(iter(tables.tables.values())).append_column(sa.Column("colour", sa.Text))
    text = await next_revision(database_of("tests.support.ledger").url, tables, number=2, why="jars with colours")
    compile(text, "0002_jars.py", "exec")
    assert text.startswith('"""jars with colours"""')
    assert 'revision = "0002"\ndown_revision = "0001"' in text
    for said in ("op.create_table('jars'", "op.add_column("):
        assert said in text


async def test_there_is_no_revision_of_nothing(database_of: Callable[[str], Database]) -> None:
    with pytest.raises(NothingChanged):
        await next_revision(database_of("tests.support.ledger").url, copy_of_tables(), number=2, why="")
