"""Which port everything listens on: fixed defaults for people, the kernel's choice for demos and tests."""

import json
import os
from collections.abc import ItemsView
from pathlib import Path

from deploy.local.running import NotStarted, free_ports

DEFAULTS = {
    "gateway": 8080,
    "identity": 8081,
    "catalogue": 8082,
    "application": 8083,
    "certificate": 8084,
    "rating": 8085,
    "population": 8091,
    "sms": 8092,
    "registry": 8093,
    "province": 8094,
    "supplier": 8095,
    "postgres": 5440,
    "kafka": 9092,
    "zipkin": 9411,
}


class Ports:
    """Port by name."""

    def __init__(self, ports: dict[str, int]) -> None:
        self._ports = ports
        self.are_fixed = bool(ports)

    @classmethod
    def fixed(cls) -> "Ports":
        """The defaults, each overridden by its environment variable (`.env.example`). Raises NotStarted."""
        return cls({name: _number(_setting(name), default) for name, default in DEFAULTS.items()})

    @classmethod
    def free(cls) -> "Ports":
        return cls({})

    def settle(self, file: Path) -> None:
        """Keep the ports a running mesh already has; choose free ones where none are fixed."""
        if not self._ports:
            kept = json.loads(file.read_text()) if file.exists() else {}
            self._ports = {name: kept.get(name) or port for name, port in zip(DEFAULTS, free_ports(len(DEFAULTS)), strict=True)}

    def keep(self, file: Path) -> None:
        file.write_text(json.dumps(self._ports))

    def __getitem__(self, name: str) -> int:
        return self._ports[name]

    def items(self) -> ItemsView[str, int]:
        return self._ports.items()

    def setting(self, name: str) -> str:
        return _setting(name)


def _number(setting: str, default: int) -> int:
    said = os.environ.get(setting) or str(default)
    if not (said.isascii() and said.isdecimal() and 0 < int(said) < 65536):
        raise NotStarted(f"{setting} is no port: {said}")
    return int(said)


def _setting(name: str) -> str:
    return f"{name.upper()}_PORT" if name in {"postgres", "kafka", "zipkin"} else f"{name.upper()}_LISTEN_PORT"
