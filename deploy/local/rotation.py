"""New keys for everything that the running mesh has sealed."""

from collections.abc import Callable
from pathlib import Path

from chassis.sealing.rotation import Place, Rotation
from deploy.local.keys import SEALING
from deploy.local.mesh import PACKAGES, Mesh


def of(mesh: Mesh, say: Callable[[str], None], *, rest: float = 1.0) -> Rotation:
    return Rotation([_place(mesh, name) for name in SEALING], say, rest=rest)


def _place(mesh: Mesh, name: str) -> Place:
    ring_file = Path(mesh.environment(name)[f"{name.upper()}_DATA_KEY_FILE"])
    return Place(PACKAGES[name], ring_file, mesh.database_url(name), (mesh.url(name),))
