from pathlib import Path
from typing import ClassVar

from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class CertificateSettings(ServiceSettings):
    """`signing_key_file`: P-256 PEM that signs certificates. `data_key_file`: the ring of keys that seals holders' numbers."""

    model_config = SettingsConfigDict(env_prefix="CERTIFICATE_")
    name: ClassVar[str] = "certificate"

    signing_key_file: Path
    data_key_file: Path
    presentation_life_s: int = 60
