"""Intent as types: a query takes a `ReadSession` and cannot be handed to code that writes."""

from typing import NewType

from sqlalchemy.ext.asyncio import AsyncConnection

ReadSession = NewType("ReadSession", AsyncConnection)
WriteSession = NewType("WriteSession", ReadSession)
