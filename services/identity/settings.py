from pathlib import Path
from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings, shared


class IdentitySettings(ServiceSettings):
    """`signing_key_file`: P-256 PEM that signs tokens. `data_key_file`: the ring of keys that seals personal data.

    `access_retention_months`: how long looks at personal data are kept; 36 is a proposal above the 6 months of
    网络安全法 Art. 21(3). `file_deadline_ms`: how long an answer about everything that is known waits for each of the other
    services. `credit_kept_s`: how long that somebody is not in the register of serious breaches of trust holds without asking again
    (ADR-0056). `federation_file`: the platforms that sign people on for us (docs/federation.md). `closed_account_days`: how long the sealed documents of a closed account are kept as evidence.
    `city_code_key_file`: P-256 PEM that signs city codes; `city_code_retired_keys_file`: a JWK set of public keys that did
    so before, kept as long as a paper code may live.
    """

    model_config = SettingsConfigDict(env_prefix="IDENTITY_")
    name: ClassVar[str] = "identity"

    signing_key_file: Path
    data_key_file: Path
    city_code_key_file: Path
    city_code_retired_keys_file: Path | None = None
    city_code_life_s: int = Field(default=60, ge=10, le=600)
    city_code_refresh_s: int = 50
    paper_code_life_days: int = Field(default=90, ge=1, le=366)
    population_base_url: str = Field(validation_alias=shared("POPULATION_BASE_URL"))
    face_check_url: str = Field(validation_alias=shared("FACE_CHECK_URL"))
    exit_entry_url: str = Field(validation_alias=shared("EXIT_ENTRY_URL"))
    enterprise_registry_url: str = Field(validation_alias=shared("ENTERPRISE_REGISTRY_URL"))
    credit_registry_url: str = Field(validation_alias=shared("CREDIT_REGISTRY_URL"))
    sms_url: str = Field(validation_alias=shared("SMS_URL"))
    push_url: str = Field(default="http://127.0.0.1:8092", validation_alias=shared("PUSH_URL"))
    provider_timeout_ms: int = 5000
    federation_file: Path | None = None
    pushed_request_life_s: int = 60
    refresh_grace_s: int = 30
    signing_key_wait_s: int = 600
    access_retention_months: int = Field(default=36, ge=6)
    file_deadline_ms: int = 2000
    credit_kept_s: int = Field(default=300, ge=0, le=3600)
    closed_account_days: int = Field(default=1096, ge=1)
