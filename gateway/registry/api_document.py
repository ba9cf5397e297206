"""One OpenAPI document made of those that the services commit, and a plain page of it that needs no script."""

import functools
import html
import json
from pathlib import Path
from typing import Any

_SCHEMAS = Path(__file__).parents[2] / "contracts" / "schemas" / "openapi"
_AUDIENCE_ZH = {
    "open": "公开",
    "party": "接入方",
    "person": "接入方 + 登录用户",
    "subject": "接入方 + 登录用户（可代理）",
    "operator": "运营人员",
    "protocol": "登录协议",
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
    """The paths of all services; components carry their service's name so that none hides another."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for service, document in documents().items():
        renamed = json.loads(json.dumps(document).replace("#/components/schemas/", f"#/components/schemas/{service}."))
        for method, path, operation in operations(renamed):
            paths.setdefault(path, {})[method.lower()] = operation | {"tags": [service]}
        schemas |= {f"{service}.{name}": schema for name, schema in renamed.get("components", {}).get("schemas", {}).items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "tongban 通办", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


@functools.cache
def page() -> str:
    sections = []
    for service, document in documents().items():
        rows = "".join(_row(*each) for each in operations(document))
        sections.append(
            f"<h2>{service}</h2><table><thead><tr><th>方法 Method</th><th>路径 Path</th><th>对象 Audience</th>"
            f"<th>权限 Permission</th><th>说明 Summary</th></tr></thead><tbody>{rows}</tbody></table>"
        )
    return _PAGE.replace("{sections}", "".join(sections))


def _row(method: str, path: str, operation: dict[str, Any]) -> str:
    guard = operation["x-tongban"]
    level = f" · 认证等级 assurance {guard['assurance']}" if guard["assurance"] else ""
    audience = f"{_AUDIENCE_ZH[guard['audience']]} {guard['audience']}{level}"
    summary = operation.get("description") or operation.get("summary", "")
    cells = (
        f"<code>{method}</code>",
        f"<code>{html.escape(path)}</code>",
        audience,
        f"<code>{guard['permission']}</code>",
        html.escape(summary),
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


_PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>tongban 通办 · 接口文档 API</title>
<meta name="viewport" content="width=device-width"><style>
body{font:16px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;margin:2rem auto;max-width:80rem;padding:0 1rem;color:#1a1a1a;background:#fff}
table{border-collapse:collapse;width:100%}th,td{border:1px solid #bbb;padding:.3rem .6rem;text-align:left;vertical-align:top}th{background:#eee}
</style></head><body><main><h1>tongban 通办 · 接口文档 API</h1>
<p>机器可读的文档 machine-readable: <a href="/openapi.json">/openapi.json</a></p>{sections}</main></body></html>"""
