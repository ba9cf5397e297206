from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import ClassVar

from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class GatewaySettings(ServiceSettings):
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
    conformance_run_s: int = 3600
    conformance_valid_days: int = 90
    conformance_runs_a_day: int = 50
