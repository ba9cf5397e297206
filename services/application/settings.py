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
    what it holds; `window_presence_minutes`: for how long a check at a window proves that its person is there. `zipkin_url`:
    where the traces of a case are looked for; empty: nowhere.
    """

    model_config = SettingsConfigDict(env_prefix="APPLICATION_")
    name: ClassVar[str] = "application"

    data_key_file: Path
    seal_key_file: Path
    callback_deadline_ms: int = 10_000
    """For the whole answer of a party that is told of a move."""
    callback_pause_ceiling_s: int = 300
    """How long a party that does not answer is left alone at most, before it is tried again."""
    callback_give_up_days: int = 7
    """After so long a delivery that fails is dead, until somebody has it tried again."""
    callback_ledger_days: int = 400
    """How long what was delivered can be read."""
    callbacks_on_loopback: bool = False
    """On one machine, for trying things out: callbacks may also be at http on a loopback address."""
    work_form_return_hours: int = 23
    """After so long a work form whose result has not come back is found by the reconciliation."""
    file_limit_bytes: int = Field(default=_MIB, ge=1024, le=_MIB)
    file_unpacked_limit_bytes: int = Field(default=32 * _MIB, ge=_MIB)
    case_files_limit_bytes: int = Field(default=20 * _MIB, ge=1024)
    draft_days: int = Field(default=90, ge=1, le=366)
    source_outage_minutes: int = Field(default=60, ge=1)
    window_presence_minutes: int = Field(default=120, ge=1)
    zipkin_url: str = ""
