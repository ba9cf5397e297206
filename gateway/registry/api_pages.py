"""The interfaces as pages for people: one that searches, by Swagger UI, and a plain one that needs no script.

Everything they load comes from this gateway, so they work where there is no way out.
"""

import base64
import functools
import hashlib
import html
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from gateway.registry import api_document

_OWN: Final = Path(__file__).parent / "docs_page"
_JS, _CSS, _PNG = "text/javascript; charset=utf-8", "text/css; charset=utf-8", "image/png"
_TYPES: Final = {
    "swagger-ui-bundle.js": _JS,
    "swagger-ui.css": _CSS,
    "favicon-32x32.png": _PNG,
    "start.js": _JS,
    "page.css": _CSS,
}

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the pages may do. Source: Content Security Policy Level 3."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the pages. `integrity` as in Subresource Integrity."""

    body: bytes
    media_type: str
    integrity: str


@functools.cache
def assets() -> Mapping[str, Asset]:
    """By name: the only files that are served."""
    return {name: _asset(name, media_type) for name, media_type in _TYPES.items()}


def _asset(name: str, media_type: str) -> Asset:
    own = _OWN / name
    body = own.read_bytes() if own.exists() else (files("fastapi_swagger") / "resources" / name).read_bytes()
    return Asset(body, media_type, f"sha384-{base64.b64encode(hashlib.sha384(body).digest()).decode()}")


@functools.cache
def page() -> str:
    """The page that searches. Without script it leads to the plain one."""
    return f"""<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>tongban 通办 · 接口文档 API</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="{_url("favicon-32x32.png")}">
{_style("swagger-ui.css")}{_style("page.css")}{_script("swagger-ui-bundle.js")}{_script("start.js")}</head>
<body><header><a href="/docs/plain">无脚本版 plain page without script</a> <a href="/openapi.json">/openapi.json</a></header>
<main id="interfaces"><h1>接口文档 API</h1><p>此页需要脚本；无脚本版内容相同。This page needs script; the plain page says the same.</p></main>
</body></html>"""


def plain(document: dict[str, Any]) -> str:
    """The same as tables."""
    rows: dict[str, list[str]] = {name: [] for name in api_document.SERVICES}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            rows[operation["tags"][0]].append(_row(method.upper(), path, operation))
    sections = "".join(
        f"<h2>{zh} {name}</h2><table><thead><tr><th>方法 Method</th><th>路径 Path</th><th>说明 What it does, for whom</th></tr></thead>"
        f"<tbody>{''.join(rows[name])}</tbody></table>"
        for name, (zh, _) in api_document.SERVICES.items()
    )
    return f"""<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>tongban 通办 · 接口文档 API</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="{_url("favicon-32x32.png")}">{_style("page.css")}</head>
<body><main><h1>tongban 通办 · 接口文档 API</h1>
<p><a href="/docs">可检索版 page that searches</a> <a href="/openapi.json">/openapi.json</a></p>{sections}</main></body></html>"""


def _row(method: str, path: str, operation: dict[str, Any]) -> str:
    state = " · 将停用 deprecated" if operation.get("deprecated") else ""
    said = html.escape(operation["description"].replace("`", ""))
    return f"<tr><td><code>{method}</code>{state}</td><td><code>{html.escape(path)}</code></td><td><pre>{said}</pre></td></tr>"


def _url(name: str) -> str:
    """Named by its content too, so that it may be kept for ever."""
    return f"/docs/assets/{name}?v={hashlib.sha256(assets()[name].body).hexdigest()[:12]}"


def _script(name: str) -> str:
    return f'<script src="{_url(name)}" integrity="{assets()[name].integrity}" defer></script>'


def _style(name: str) -> str:
    return f'<link rel="stylesheet" href="{_url(name)}" integrity="{assets()[name].integrity}">'
