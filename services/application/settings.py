from pathlib import Path
from typing import ClassVar

from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class ApplicationSettings(ServiceSettings):
    """`data_key_file`: the ring of keys that seals forms, files and copies of certificates. `zipkin_url`: where the traces of a
    case are looked for; empty: nowhere."""

    model_config = SettingsConfigDict(env_prefix="APPLICATION_")
    name: ClassVar[str] = "application"

    data_key_file: Path
    zipkin_url: str = ""
