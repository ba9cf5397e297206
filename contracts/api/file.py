"""一人一档, 一企一档: what one service keeps of one subject, in the shape that all services share.

`GET /subjects/{subject_id}/file` of a service answers a `FileSection`, newest first; its `next` is the `before` of the
following page. Without `reveal` nothing personal leaves the service that keeps it.
"""

import json
from typing import Any, Self

from contracts.personal import ValueText
from contracts.strict import Answer, Instant, Page


class FileField(Answer):
    """One fact with who says so and since when. `name` is stable, `title` for people; a masked `value` shows its shape only."""

    name: str
    title: str
    value: ValueText
    source: str
    at: Instant
    is_masked: bool = False

    @classmethod
    def personal(cls, name: str, title: str, value: Any, *, source: str, at: Instant, reveal: bool, masked: str | None = None) -> Self:
        """`value` where it may be revealed, else `masked`, which is as little as possible unless given."""
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        shown = text if reveal else masked if masked is not None else f"{text[:1]}***"
        return cls(name=name, title=title, value=shown, source=source, at=at, is_masked=not reveal)


class FileRecord(Answer):
    """What belongs together: a case, a certificate, a device. `id` names it where it is kept, `section` what it is where a service
    keeps several things; without one it is what the service is for."""

    id: str
    title: str
    fields: list[FileField]
    section: str | None = None


class FileSection(Page[FileRecord]):
    """One page of what a service keeps of the subject."""
