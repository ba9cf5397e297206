"""What both halves of the sign-on protocol share."""

from typing import Final

from fastapi import Request

from chassis.http import Audience, guard
from contracts.permissions import Permission

PROTOCOL: Final = guard(Permission.SIGN_ON, audience=Audience.PROTOCOL)
NO_STORE: Final = {"cache-control": "no-store", "pragma": "no-cache"}


async def form_of(request: Request) -> dict[str, str]:
    """Form fields, each at most once; anything else is no field. Other encodings than a plain form are none."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        return {}
    form = await request.form(max_files=0, max_fields=40)
    pairs = form.multi_items()
    names = [name for name, _ in pairs]
    return {name: value for name, value in pairs if isinstance(value, str) and names.count(name) == 1}
