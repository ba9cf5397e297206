"""What a route may ask for by type: the service's database, clock, neighbours, and sealer where it keeps personal data."""

from typing import Annotated

from fastapi import Depends, Request

from chassis.clock import Clock as ClockProtocol
from chassis.database import Database as DatabaseOfService
from chassis.http.client import MeshClient
from chassis.sealing import Sealer as DataSealer


async def _database(request: Request) -> DatabaseOfService:
    database: DatabaseOfService = request.app.state.database
    return database


async def _clock(request: Request) -> ClockProtocol:
    clock: ClockProtocol = request.app.state.clock
    return clock


async def _mesh(request: Request) -> MeshClient:
    mesh: MeshClient = request.app.state.mesh
    return mesh


async def _sealer(request: Request) -> DataSealer:
    sealer: DataSealer = request.app.state.sealer
    return sealer


Database = Annotated[DatabaseOfService, Depends(_database)]
Clock = Annotated[ClockProtocol, Depends(_clock)]
Mesh = Annotated[MeshClient, Depends(_mesh)]
Sealer = Annotated[DataSealer, Depends(_sealer)]
