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
