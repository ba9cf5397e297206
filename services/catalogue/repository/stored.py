"""What is stored, read as the present contracts say it: one row that cannot be read must not keep the others from being answered."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import structlog
from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)
log = structlog.get_logger()


def read(model: type[M], content: Any, *, table: str, key: object) -> M | None:
    """The model, from a JSON text or value; None where it is none, which is logged with where it is stored, and never its content."""
    try:
        return model.model_validate_json(content if isinstance(content, str) else json.dumps(content))
    except ValidationError as error:
        unreadable(table, key, error)
        return None


def readable(model: type[M], rows: Iterable[tuple[object, Any]], *, table: str) -> Iterator[tuple[Any, M]]:
    """Keys and models of rows (key, content); those that cannot be read are left out."""
    for key, content in rows:
        if (said := read(model, content, table=table, key=key)) is not None:
            yield key, said


def unreadable(table: str, key: object, error: Exception) -> None:
    places = [".".join(map(str, each["loc"])) for each in error.errors()[:5]] if isinstance(error, ValidationError) else []
    log.error("stored_row_unreadable", table=table, key=str(key), kind=type(error).__name__, places=places)
