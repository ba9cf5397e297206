from pathlib import Path
from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings

_MIB = 1024 * 1024


class ApplicationSettings(ServiceSettings):
    """`data_key_file`: the ring of keys that seals forms, files and copies of certificates. `seal_key_file`: P-256 PEM of the test
    seal under documents.

    `draft_days` counts from the last edit. `source_outage_minutes`: for how long the outage of a source explains an upload of
    what it holds; `window_presence_minutes`: for how long a check at a window proves that its person is there.
    """

    model_config = SettingsConfigDict(env_prefix="APPLICATION_")
    name: ClassVar[str] = "application"

    data_key_file: Path
    seal_key_file: Path
    file_limit_bytes: int = Field(default=_MIB, ge=1024, le=_MIB)
    file_unpacked_limit_bytes: int = Field(default=32 * _MIB, ge=_MIB)
    case_files_limit_bytes: int = Field(default=20 * _MIB, ge=1024)
    draft_days: int = Field(default=90, ge=1, le=366)
    source_outage_minutes: int = Field(default=60, ge=1)
    window_presence_minutes: int = Field(default=120, ge=1)
