from pathlib import Path
from typing import ClassVar

from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class ApplicationSettings(ServiceSettings):
    """`data_key_file`: the ring of keys that seals forms, files and copies of certificates."""

    model_config = SettingsConfigDict(env_prefix="APPLICATION_")
    name: ClassVar[str] = "application"

    data_key_file: Path
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
