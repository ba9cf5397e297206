import hashlib

from fastapi import Response

from contracts.strict import Answer


def tagged(answer: Answer, if_none_match: str) -> Response:
    """The answer with an entity tag of its content, or 304 without it for whoever has it already.

    Source: RFC 9110 13.1.2, weak comparison.
    """
    body = answer.model_dump_json().encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    headers = {"etag": tag, "cache-control": "no-cache"}
    if tag in {each.strip().removeprefix("W/") for each in if_none_match.split(",")}:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")
