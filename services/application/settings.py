from pathlib import Path
from typing import ClassVar

from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class ApplicationSettings(ServiceSettings):
    """`data_key_file`: the ring of keys that seals forms, files and copies of certificates."""

    model_config = SettingsConfigDict(env_prefix="APPLICATION_")
    name: ClassVar[str] = "application"

    data_key_file: Path
