from pathlib import Path
from typing import ClassVar

from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class RatingSettings(ServiceSettings):
    """`data_key_file`: the ring of keys that seals what people write. `ticket_life_days` run from the closing of the case."""

    model_config = SettingsConfigDict(env_prefix="RATING_")
    name: ClassVar[str] = "rating"

    data_key_file: Path
    ticket_life_days: int = 30
