from pathlib import Path
from typing import ClassVar

from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class ApplicationSettings(ServiceSettings):
    """`data_key_file`: 32 bytes in hex that seal forms, files and copies of certificates."""

    model_config = SettingsConfigDict(env_prefix="APPLICATION_")
    name: ClassVar[str] = "application"

    data_key_file: Path
