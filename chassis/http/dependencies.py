"""What a route may ask for by type: the caller's database, clock and neighbours."""

from typing import Annotated

from fastapi import Depends, Request

from chassis.clock import Clock as ClockProtocol
from chassis.database import Database as DatabaseOfService
from chassis.http.client import MeshClient


def _database(request: Request) -> DatabaseOfService:
    database: DatabaseOfService = request.app.state.database
    return database


def _clock(request: Request) -> ClockProtocol:
    clock: ClockProtocol = request.app.state.clock
    return clock


def _mesh(request: Request) -> MeshClient:
    mesh: MeshClient = request.app.state.mesh
    return mesh


Database = Annotated[DatabaseOfService, Depends(_database)]
Clock = Annotated[ClockProtocol, Depends(_clock)]
Mesh = Annotated[MeshClient, Depends(_mesh)]
