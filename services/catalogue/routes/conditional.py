"""Answers that whoever has them already is not sent again."""

import hashlib

from fastapi import Response

from contracts.strict import Answer


def answered(found: Answer, version: int, if_none_match: str) -> Response:
    """The answer with its ETag, or 304 if the client has it. Source: RFC 9110 13.1.2, weak comparison."""
    body = found.model_dump_json().encode()
    tag = f'"{version}-{hashlib.sha256(body).hexdigest()[:16]}"'
    headers = {"etag": tag, "cache-control": "no-cache"}
    if tag in {each.strip().removeprefix("W/") for each in if_none_match.split(",")}:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")
