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
    workers: int = 1
    """How many gateways share the port; more than one are supervised by a process of its own."""
    listen_fd: int | None = None
    """The listening socket that a worker is given by whoever supervises it."""
    logs_granted: bool = False
