"""Header names inside the mesh. Everything under `INTERNAL_PREFIX` from outside is removed by the gateway."""

from typing import Final

INTERNAL_PREFIX: Final = "tongban-"
MESH_TOKEN: Final = "tongban-mesh-token"  # noqa: S105 (a header's name)
REQUEST_ID: Final = "tongban-request-id"
DATA_ACCESS: Final = "tongban-data-access"
OPERATOR: Final = "tongban-operator"
"""The officer a registered system acts for; believed only when covered by the system's signature."""

IDEMPOTENCY_KEY: Final = "idempotency-key"
TRACEPARENT: Final = "traceparent"
