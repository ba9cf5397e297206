"""Answers that a client may have already: a tag on each, and 304 without a body for who names it again.

Source: RFC 9110 sections 8.8.3 (entity tags), 13.1.2 (If-None-Match) and 15.4.5 (304).
"""

import hashlib
import re
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Response
from pydantic import BaseModel, TypeAdapter

_TAGS: Final = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\U0010ffff]*")')
_LIST: Final = re.compile(r'[ \t,]*(?:(?:W/)?"[\x21\x23-\x7e\x80-\U0010ffff]*"[ \t]*(?:,[ \t,]*|$))+')
_ANYTHING: Final = TypeAdapter(Any)
REVALIDATED: Final = "no-cache"
"""Kept by whoever likes, asked about each time: a matter that was changed is seen at once."""


class KnownToClient:
    """What the client of this request says that it has."""

    def __init__(self, if_none_match: str) -> None:
        self._is_any = if_none_match.strip() == "*"
        # A list that is none is as if nothing had been said: the whole answer is never wrong.
        self._tags = frozenset(_TAGS.findall(if_none_match)) if _LIST.fullmatch(if_none_match) else frozenset()

    def has(self, tag: str) -> bool:
        """Weak comparison: the opaque parts are the same, whichever of the two is weak. `tag` is quoted."""
        return self._is_any or tag.removeprefix("W/") in self._tags

    def answer(self, said: BaseModel | list[Any] | bytes, *, media_type: str = "application/json", cache: str = REVALIDATED) -> Response:
        """The answer with its strong tag, or 304. `cache` is its Cache-Control."""
        body = said if isinstance(said, bytes) else _rendered(said)
        headers = headers_of(f'"{hashlib.sha256(body).hexdigest()[:32]}"', cache)
        return self.unchanged(headers) or Response(body, headers=headers, media_type=media_type)

    def unchanged(self, headers: dict[str, str]) -> Response | None:
        """304 where the client has what these headers tag: for answers that cost more than their tag."""
        return Response(status_code=304, headers=headers) if self.has(headers["etag"]) else None


def headers_of(tag: str, cache: str = REVALIDATED) -> dict[str, str]:
    """What the answer carries, with a body and without."""
    return {"etag": tag, "cache-control": cache}


def _rendered(said: BaseModel | list[Any]) -> bytes:
    return said.model_dump_json().encode() if isinstance(said, BaseModel) else _ANYTHING.dump_json(said)


async def _known(if_none_match: Annotated[str, Header()] = "") -> KnownToClient:
    return KnownToClient(if_none_match)


Known = Annotated[KnownToClient, Depends(_known)]
"""What a route writes as the type of its `known` argument; its answer is `known.answer(model)`, after the transaction."""
