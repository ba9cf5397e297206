"""A person's own sign-ons and password."""

from typing import Annotated

from pydantic import Field

from contracts.strict import Answer, Instant, Model
from contracts.values import SessionId


class Device(Answer):
    """One sign-on that has not ended. `device` names browser and system; `methods` are those of RFC 8176."""

    session_id: SessionId
    device: str
    methods: list[str]
    assurance: int
    signed_on_at: Instant
    last_seen_at: Instant | None
    expires_at: Instant
    is_current: bool


class ChangePassword(Model):
    old_password: Annotated[str, Field(min_length=1, max_length=128)]
    new_password: Annotated[str, Field(min_length=10, max_length=128)]
