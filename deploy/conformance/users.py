"""The suite's test users: one has a value for every claim of every scope, the other never consents."""

import json
from typing import Any, Final

import httpx

from deploy.client import SignedIn

USERS: Final = 2
"""How many of the sandbox's people, the last ones, are the suite's; a journey takes the first."""
DECLARED: Final[dict[str, Any]] = {
    "given_name": "甲", "family_name": "示例", "middle_name": "一", "nickname": "小甲", "preferred_username": "shili-jia",
    "profile": "https://people.example/jia", "picture": "https://people.example/jia.png", "website": "https://jia.example",
    "locale": "zh-CN", "zoneinfo": "Asia/Shanghai", "email": "jia@people.example",
    "address": {"formatted": "上海市黄浦区示例路 1 号", "country": "CN", "region": "上海市", "locality": "黄浦区"},
}  # fmt: skip


async def declared(signed_in: SignedIn) -> httpx.Response:
    body = json.dumps(DECLARED, ensure_ascii=False).encode()
    headers = {"content-type": "application/json"}
    return await signed_in.app.request("PATCH", "/persons/me", content=body, headers=headers, token=signed_in.access_token)
