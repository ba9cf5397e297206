from tests.support.postgres import differences


def test_migrations_and_tables_agree() -> None:
    assert differences("services.application") == []
