"""One OpenAPI document made of those that the services commit."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from contracts.problems import MEDIA_TYPE
from contracts.values import Assurance, Grade

_SCHEMAS = Path(__file__).parents[2] / "contracts" / "schemas" / "openapi"
_PROBLEM: Final = "#/components/schemas/Problem"

AUDIENCES: Final = {
    "open": ("公开", "anybody"),
    "party": ("接入方", "a registered party"),
    "person": ("接入方 + 登录用户本人", "a party for a person who acts for themself"),
    "subject": ("接入方 + 登录用户（可代理）", "a party for a person or an organisation, also by mandate"),
    "operator": ("经办人员", "an officer, named by a signed request or a staff sign-on"),
    "protocol": ("登录协议", "the sign-on protocol"),
}
GRADES: Final = {
    Grade.PUBLIC: ("公开", "public"),
    Grade.INTERNAL: ("内部", "internal"),
    Grade.PERSONAL: ("个人信息", "personal"),
    Grade.SENSITIVE: ("敏感", "sensitive"),
}
SERVICES: Final = {
    "identity": ("统一身份认证", "Who somebody is: accounts, sign-on, mandates, city codes"),
    "catalogue": ("事项目录", "Matters and their guides"),
    "application": ("统一收件", "Forms, cases and their handling"),
    "certificate": ("电子证照", "Certificates: issued, shown, verified"),
    "rating": ("好差评", "Ratings and the replies to them"),
    "gateway": ("统一门户和网关", "Parties, channels, search, home page, decisions"),
}
# By whom a request is made, as alternatives. Source: OpenAPI 3.1, security requirement object.
_SECURITY: Final[dict[str, list[dict[str, list[str]]]]] = {
    "open": [],
    "protocol": [],
    "party": [{"signature": []}, {"client": []}],
    "person": [{"signOn": ["openid"]}],
    "subject": [{"signOn": ["openid"]}],
    "operator": [{"signature": []}, {"signOn": ["openid"]}],
}
_SCHEMES: Final = {
    "signOn": {
        "type": "oauth2",
        "description": "用户登录：授权码 + PKCE（S256）。Sign-on by authorization code with PKCE (RFC 6749, RFC 7636). 令牌可绑定 DPoP（RFC 9449）。",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": "/authorize",
                "tokenUrl": "/token",
                "refreshUrl": "/token",
                "scopes": {
                    "openid": "登录 sign on",
                    "profile": "姓名 name",
                    "phone": "手机号 phone",
                    "offline_access": "刷新令牌 refresh tokens",
                },
            }
        },
    },
    "client": {
        "type": "oauth2",
        "description": "接入方自身调用：客户端凭证。A party on its own behalf, by client credentials (RFC 6749 section 4.4).",
        "flows": {"clientCredentials": {"tokenUrl": "/token", "scopes": {}}},
    },
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "Signature",
        "description": "接入方对每个请求签名（RFC 9421，附 Signature-Input 和 Content-Digest）。"
        "HTTP message signatures by the party's key, with Signature-Input and Content-Digest (RFC 9530); each is good once.",
    },
}


def documents() -> dict[str, dict[str, Any]]:
    """Service → its committed document."""
    return {file.stem: json.loads(file.read_text()) for file in sorted(_SCHEMAS.glob("*.json"))}


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation) of everything that may be reached from outside."""
    return [
        (method.upper(), path, operation)
        for path, methods in sorted(document["paths"].items())
        for method, operation in methods.items()
        if operation.get("x-tongban", {}).get("audience", "internal") != "internal"
    ]


@functools.cache
def merged() -> dict[str, Any]:
    """The paths of all services. Components carry their service's name so that none hides another; the problem is one."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for service, document in documents().items():
        renamed = _renamed(document, service)
        for method, path, operation in operations(renamed):
            paths.setdefault(path, {})[method.lower()] = _told(operation, service)
        for name, schema in renamed.get("components", {}).get("schemas", {}).items():
            shared = name in {"Problem", "Titles"}
            schemas[name if shared else f"{service}.{name}"] = schema
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
        "info": {
            "title": "tongban 通办",
            "version": "1",
            "description": "一网通办的全部对外接口，由网关统一开放。Every interface of the city that can be reached from outside, through one door.",
        },
        "servers": [{"url": "/", "description": "本网关 this gateway"}],
        "tags": [{"name": name, "description": f"{zh}。{en}."} for name, (zh, en) in SERVICES.items()],
        "paths": paths,
        "components": {"schemas": _reachable(schemas, paths), "securitySchemes": _SCHEMES, "responses": {"Problem": _PROBLEMS}},
    }


_PROBLEMS: Final = {
    "description": "拒绝及原因，中英文。What was refused and why, in Chinese and English (RFC 9457).",
    "content": {MEDIA_TYPE: {"schema": {"$ref": _PROBLEM}}},
}


def current(states: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """The document as the registry has it: (method, path) → state. What is out of use is left out, what will be is marked."""
    base = merged()
    paths: dict[str, Any] = {}
    for path, methods in base["paths"].items():
        kept = {method: _stated(operation, states.get((method.upper(), path), "active")) for method, operation in methods.items()}
        if kept := {method: operation for method, operation in kept.items() if operation is not None}:
            paths[path] = kept
    return base | {"paths": paths}


def _stated(operation: dict[str, Any], state: str) -> dict[str, Any] | None:
    if state == "active":
        return operation
    return operation | {"deprecated": True} if state == "deprecated" else None


def _renamed(document: dict[str, Any], service: str) -> dict[str, Any]:
    text = json.dumps(document).replace("#/components/schemas/", f"#/components/schemas/{service}.")
    for shared in ("Problem", "Titles"):
        text = text.replace(f'"#/components/schemas/{service}.{shared}"', f'"#/components/schemas/{shared}"')
    renamed: dict[str, Any] = json.loads(text)
    return renamed


def _told(operation: dict[str, Any], service: str) -> dict[str, Any]:
    """The operation in full: whose it is, who may call it and how that is shown, what its refusals look like."""
    guard = operation["x-tongban"]
    described = "\n\n".join(filter(None, [operation.get("description", ""), _demands(guard)]))
    answers = {status: answer for status, answer in operation.get("responses", {}).items() if status < "4"}
    return operation | {
        "operationId": f"{service}.{operation['operationId']}",
        "tags": [service],
        "description": described,
        "responses": answers | {"4XX": {"$ref": "#/components/responses/Problem"}, "5XX": {"$ref": "#/components/responses/Problem"}},
        "security": _SECURITY[guard["audience"]],
    }


def _demands(guard: dict[str, Any]) -> str:
    audience, grade = AUDIENCES[guard["audience"]], GRADES[Grade(guard["grade"])]
    lines = [
        f"对象 Audience: {audience[0]}，{audience[1]}",
        f"权限 Permission: `{guard['permission']}`",
        f"数据级别 Grade: {guard['grade']} {grade[0]} {grade[1]}",
    ]
    if guard["assurance"]:
        lines.append(f"认证等级 Assurance: {Assurance(guard['assurance']).value} 以上 or more")
    if guard["max_age_s"] is not None:
        lines.append(f"登录不早于 Sign-on within: {guard['max_age_s']} s")
    return "\n".join(f"- {line}" for line in lines)


def _reachable(schemas: dict[str, Any], paths: dict[str, Any]) -> dict[str, Any]:
    """Those that something outside can see: what services say to each other stays between them."""
    wanted, found = {_PROBLEM.rpartition("/")[2], *_names(paths)}, set()
    while wanted:
        name = wanted.pop()
        found.add(name)
        wanted |= _names(schemas[name]) - found
    return {name: schema for name, schema in sorted(schemas.items()) if name in found}


def _names(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = value.get("$ref")
        mine = {own.rpartition("/")[2]} if isinstance(own, str) and own.startswith("#/components/schemas/") else set()
        return mine.union(*map(_names, value.values()))
    return set().union(*map(_names, value)) if isinstance(value, list) else set()
