"""A fresh database after the migrations is what the tables say, for every owner of one."""

import pytest

from deploy.local.mesh import PACKAGES
from tests.support.postgres import differences


@pytest.mark.parametrize("package", PACKAGES.values())
def test_migrations_and_tables_agree(package: str) -> None:
    assert differences(package) == []
