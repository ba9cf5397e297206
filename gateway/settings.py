from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import ClassVar, Final

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings

PERSONAL_MONTHS: Final = 36
OTHER_MONTHS: Final = 6


class GatewaySettings(ServiceSettings):
    """`ledger_key_file` (P-256, PEM) signs the ledger; `ledger_witness_file` is where its checkpoints stand outside the
    database. Records of reads of personal data are kept `ledger_personal_months`, the others `ledger_other_months`."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_")
    name: ClassVar[str] = "gateway"

    body_limit_bytes: int = 1024 * 1024
    upstream_deadline_ms: int = 30_000
    upstream_connections: int = 64
    nonce_deadline_ms: int = 50
    snapshot_poll_s: float = 30.0
    snapshot_file: Path | None = None
    """Where what was last decided by is kept, for a start without the database."""
    snapshot_good_for_s: float = 24 * 3600.0
    trusted_edges: tuple[IPv4Network | IPv6Network, ...] = ()
    """From where the caller's address and its TLS certificate are believed."""
    conformance_required: bool = True
    """Whether production opens only to who has passed its conformance run."""
    part_deadline_ms: int = 800
    search_deadline_ms: int = 2000
    ledger_key_file: Path
    ledger_witness_file: Path | None = None
    ledger_seal_s: float = Field(default=60.0, gt=0)
    ledger_personal_months: int = Field(default=PERSONAL_MONTHS, ge=PERSONAL_MONTHS)
    ledger_other_months: int = Field(default=OTHER_MONTHS, ge=OTHER_MONTHS)
    limit_shares: int = 4
    """How many gateway processes have a share of every limit that they need not lease. The same for all of them."""
    limit_share_fraction: float = 0.2
    """How much of every limit these shares are together."""
    limit_zone: str = "Asia/Shanghai"
    """Where a day of a quota begins at midnight."""
    address_per_second: float = 500.0
    address_burst: int = 1000
    """How often one address may use the routes that ask for no party."""
    admission_start: int = 512
    """How many requests may be in flight before anything is known of how long they take."""
    admission_most: int = 1024
    admission_slow_s: float = 0.5
    """What is never called slow."""
    conformance_run_s: int = 3600
    conformance_valid_days: int = 90
    conformance_runs_a_day: int = 50
    supplier_deadline_ms: int = 5_000
    supplier_answer_limit_bytes: int = 64 * 1024
    suppliers_on_loopback: bool = False
    workers: int = 1
    """How many gateways share the port; more than one are supervised by a process of its own."""
    listen_fd: int | None = None
    """The listening socket that a worker is given by whoever supervises it."""
    logs_granted: bool = False
