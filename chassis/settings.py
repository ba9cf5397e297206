"""Settings of a process: read once from the environment, frozen, passed down by the composition root.

Names shared by the whole mesh carry no prefix; a service's own names carry its prefix (`RATING_DATABASE_URL`).
"""

from pathlib import Path
from typing import ClassVar

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def shared(name: str) -> AliasChoices:
    """A setting read from the same environment name by every process."""
    return AliasChoices(name, name.lower())


class ServiceSettings(BaseSettings):
    """What every process of the mesh needs. A subclass sets `name` and `env_prefix`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True)

    name: ClassVar[str]

    database_url: SecretStr
    database_pool_size: int = 5
    listen_host: str = "127.0.0.1"
    listen_port: int
    mesh_key_file: Path

    mesh_public_keys_file: Path = Field(validation_alias=shared("MESH_PUBLIC_KEYS_FILE"))
    mesh_namespace: str = Field(default="", validation_alias=shared("MESH_NAMESPACE"))
    kafka_bootstrap_servers: str = Field(validation_alias=shared("KAFKA_BOOTSTRAP_SERVERS"))
    public_url: str = Field(default="http://localhost:8080", validation_alias=shared("PUBLIC_URL"))

    identity_url: str = Field(default="http://127.0.0.1:8081", validation_alias=shared("IDENTITY_URL"))
    catalogue_url: str = Field(default="http://127.0.0.1:8082", validation_alias=shared("CATALOGUE_URL"))
    application_url: str = Field(default="http://127.0.0.1:8083", validation_alias=shared("APPLICATION_URL"))
    certificate_url: str = Field(default="http://127.0.0.1:8084", validation_alias=shared("CERTIFICATE_URL"))
    rating_url: str = Field(default="http://127.0.0.1:8085", validation_alias=shared("RATING_URL"))

    kept_answers_ms: int = Field(default=1000, ge=0, validation_alias=shared("KEPT_ANSWERS_MS"))

    traces_exporter: str = Field(default="none", validation_alias=shared("OTEL_TRACES_EXPORTER"))
    traces_sample_ratio: float = Field(default=1.0, validation_alias=shared("OTEL_TRACES_SAMPLER_ARG"))
    log_level: str = Field(default="INFO", validation_alias=shared("LOG_LEVEL"))

    def url_of(self, service: str) -> str:
        return str(getattr(self, f"{service}_url")).rstrip("/")
