"""Header names inside the mesh. Everything under `INTERNAL_PREFIX` from outside is removed by the gateway."""

from typing import Final

INTERNAL_PREFIX: Final = "tongban-"
MESH_TOKEN: Final = "tongban-mesh-token"  # noqa: S105 (a header's name)
REQUEST_ID: Final = "tongban-request-id"
SCENE: Final = "tongban-scene"
"""From the control plane to the pipeline: the scene that a call for data was made in."""
DATA_ACCESS: Final = "tongban-data-access"
SOURCE: Final = "tongban-source"
"""The address that a request of the sign-on protocol came from, as the gateway saw it."""
DEADLINE: Final = "tongban-deadline-ms"
"""How many milliseconds the caller goes on waiting; what a service asks of others must be over by then."""
ASKED_FOR: Final = "tongban-purpose"
"""From service to service: what the answer is asked for, percent-encoded UTF-8. A token says who asks; it would be another for each case."""
OPERATOR: Final = "tongban-operator"
"""The officer a registered system acts for; believed only when covered by the system's signature."""

CHANNEL: Final = "channel"
"""From outside: the code of the channel that a request comes through, where its party is registered for several. A signature
need not cover it: it only chooses among the party's own channels."""
PURPOSE: Final = "purpose"
"""From outside: for which of the purposes that its party is bound by a request is, percent-encoded UTF-8 where it is not ASCII."""

IDEMPOTENCY_KEY: Final = "idempotency-key"
TRACEPARENT: Final = "traceparent"
