"""Servers that are there already: named by environment variables, used as they are, neither started nor stopped."""

import os
from dataclasses import dataclass

from contracts.topics import SERVICES
from deploy.local.running import NotStarted


def given() -> dict[str, str]:
    """The environment; a variable that is set to nothing counts as not set."""
    return {name: value for name, value in os.environ.items() if value}


@dataclass(frozen=True, slots=True)
class Existing:
    """What of the mesh exists elsewhere. `databases` holds the address of each service's database, or nothing."""

    databases: dict[str, str]
    kafka: str
    traces: bool

    @classmethod
    def named(cls) -> "Existing":
        """Raises NotStarted when some databases are named and others are not."""
        settings = given()
        databases = {name: settings[f"{name.upper()}_DATABASE_URL"] for name in SERVICES if f"{name.upper()}_DATABASE_URL" in settings}
        missing = [f"{name.upper()}_DATABASE_URL" for name in SERVICES if name not in databases]
        if databases and missing:
            raise NotStarted(f"set the addresses of all six databases or of none; not set: {', '.join(missing)}")
        return cls(databases, settings.get("KAFKA_BOOTSTRAP_SERVERS", ""), "OTEL_TRACES_EXPORTER" in settings)
