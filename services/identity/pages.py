"""Pages of the sign-on: plain HTML in Chinese and English that works without script."""

from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.responses import HTMLResponse

_TEXTS: dict[str, dict[str, str]] = {
    "zh": {
        "lang": "zh-CN",
        "title": "统一身份认证",
        "lead": "登录后继续使用：",
        "username": "手机号或居民身份证号",
        "password": "密码",
        "submit": "登录",
        "wrong": "账号或密码错误，或账号已暂时锁定。",
        "stale": "页面已过期，请返回应用重新登录。",
        "error": "无法处理此登录请求",
        "larger": "大字版",
        "normal": "标准版",
        "other": "English",
    },
    "en": {
        "lang": "en",
        "title": "Sign on to tongban",
        "lead": "Sign on to continue to:",
        "username": "Mobile number or resident id",
        "password": "Password",
        "submit": "Sign on",
        "wrong": "Wrong account or password, or the account is locked for a while.",
        "stale": "This page has expired: please start again from the application.",
        "error": "This sign-on request cannot be handled",
        "larger": "Large type",
        "normal": "Normal type",
        "other": "中文",
    },
}
_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "cache-control": "no-store",
    # Without a referrer policy of its own the page's form would come without the origin that `/sign-on` looks at.
    "referrer-policy": "same-origin",
}


class Pages:
    def __init__(self) -> None:
        self._templates = Environment(loader=PackageLoader("services.identity"), autoescape=select_autoescape())

    def login(self, request: str, client_name: str, *, language: str, size: str = "", message: str = "", status: int = 200) -> HTMLResponse:
        """The form. `request` is the sealed authorization request, `message` one of our texts' names."""
        said = {"request": request, "client": client_name, "size": size, "message": _TEXTS[language].get(message, "")}
        return self._page("login.html", language, said, status)

    def consent(self, request: str, client_name: str, scopes: list[str], *, language: str) -> HTMLResponse:
        """What a client would like to know; the person accepts or denies."""
        return self._page("consent.html", language, {"request": request, "client": client_name, "scopes": scopes}, 200)

    def stale(self, *, language: str, status: int = 400) -> HTMLResponse:
        return self.error(_TEXTS[language]["stale"], language=language, status=status)

    def error(self, description: str, *, language: str, status: int = 400) -> HTMLResponse:
        """For what must not be sent back to an address that nobody has vouched for."""
        return self._page("error.html", language, {"description": description}, status)

    def _page(self, template: str, language: str, said: dict[str, Any], status: int) -> HTMLResponse:
        html = self._templates.get_template(template).render(t=_TEXTS[language], language=language, **said)
        return HTMLResponse(html, status, _HEADERS)


def language_of(ui_locales: str | None, accept_language: str | None) -> str:
    """ "en" when the client or the browser asks for it first, else "zh"."""
    wanted = (ui_locales or accept_language or "").strip().lower()
    return "en" if wanted.startswith("en") else "zh"
