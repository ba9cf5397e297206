from typing import ClassVar

import pytest
from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings

ENVIRONMENT = {
    "LIBRARY_DATABASE_URL": "postgresql+asyncpg://library:s3cret@127.0.0.1/library",
    "LIBRARY_LISTEN_PORT": "8099",
    "LIBRARY_MESH_KEY_FILE": "/keys/library.pem",
    "MESH_PUBLIC_KEYS_FILE": "/keys/public.json",
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092",
    "CATALOGUE_URL": "http://127.0.0.1:9999/",
}


class LibrarySettings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="LIBRARY_")
    name: ClassVar[str] = "library"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_own_names_carry_the_prefix_and_shared_ones_do_not(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("LIBRARY_KAFKA_BOOTSTRAP_SERVERS", "elsewhere:1")
    environment.setenv("DATABASE_URL", "elsewhere")
    settings = LibrarySettings()
    assert settings.kafka_bootstrap_servers == "127.0.0.1:9092"
    assert settings.database_url.get_secret_value() == ENVIRONMENT["LIBRARY_DATABASE_URL"]
    assert settings.listen_port == 8099


@pytest.mark.parametrize("missing", [name for name in ENVIRONMENT if name != "CATALOGUE_URL"])
def test_a_process_does_not_start_without_what_it_cannot_guess(environment: pytest.MonkeyPatch, missing: str) -> None:
    environment.delenv(missing)
    with pytest.raises(ValidationError, match=f"(?i){missing.removeprefix('LIBRARY_')}") as refused:
        LibrarySettings()
    assert "postgres" not in str(refused.value)
    assert "127.0.0.1" not in str(refused.value)


def test_a_secret_is_not_printed(environment: pytest.MonkeyPatch) -> None:
    assert "s3cret" not in repr(LibrarySettings())
    assert "s3cret" not in LibrarySettings().model_dump_json()


def test_settings_do_not_change(environment: pytest.MonkeyPatch) -> None:
    settings = LibrarySettings()
    with pytest.raises(ValidationError):
        settings.listen_port = 1  # type: ignore[misc]


def test_a_neighbours_address_is_found_by_its_name_and_has_no_slash_at_its_end(environment: pytest.MonkeyPatch) -> None:
    assert LibrarySettings().url_of("catalogue") == "http://127.0.0.1:9999"
    assert LibrarySettings().url_of("identity") == "http://127.0.0.1:8081"


def test_a_process_listens_on_loopback_unless_told_otherwise(environment: pytest.MonkeyPatch) -> None:
    assert LibrarySettings().listen_host == "127.0.0.1"
