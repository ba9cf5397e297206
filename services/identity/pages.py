"""Pages of the sign-on: plain HTML in Chinese and English that works without script."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.responses import HTMLResponse

from chassis.working_days import SHANGHAI

_TEXTS: dict[str, dict[str, str]] = {
    "zh": {
        "lang": "zh-CN",
        "title": "统一身份认证",
        "stale": "页面已过期，请返回应用重新登录。",
        "error": "无法处理此登录请求",
    },
    "en": {
        "lang": "en",
        "title": "Sign on to tongban",
        "stale": "This page has expired: please start again from the application.",
        "error": "This sign-on request cannot be handled",
    },
}
_MESSAGES: Final = {
    "wrong": ("账号或密码错误，或账号已暂时锁定。", "Wrong account or password, or the account is locked for a while."),
    "wrong-code": ("验证码错误或已过期，或账号已暂时锁定。", "The code is wrong or has expired, or the account is locked for a while."),
    "wrong-passkey": ("通行密钥未被认可，请重试或换一种方式。", "The passkey was not accepted. Try again, or another way."),
    "wrong-activation": ("工号、机构或激活码错误，或激活码已过期。", "Wrong number, agency or activation code, or the code has expired."),
    "no-phone": ("请先填写手机号。", "Enter your mobile number first."),
    "too-soon": ("验证码发送过于频繁，请稍后再试。", "Codes are sent at most once a minute and a few times a day. Wait a while."),
    "away": ("短信服务暂不可用，请稍后再试或换一种方式。", "Messages cannot be sent right now. Try later, or another way."),
    "source": ("您所在的网络尝试次数过多，请一刻钟后再试。", "Too many attempts from your network. Try again in a quarter of an hour."),
    "password-rules": ("新密码须为 10 至 128 个字符。", "A new password has 10 to 128 characters."),
    "password-chosen": ("新密码已生效，请登录。", "The new password holds. Sign on with it."),
    "ended": ("已结束。", "Ended."),
    "passkey-added": ("通行密钥已添加。", "The passkey was added."),
    "passkey-removed": ("通行密钥已删除。", "The passkey was removed."),
}
_NEWS: Final = frozenset({"password-chosen", "ended", "passkey-added", "passkey-removed"})
_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
    # Without a referrer policy of its own the page's form would come without the origin that `/sign-on` looks at.
    "referrer-policy": "same-origin",
}


_WITH_SCRIPT = _HEADERS | {"content-security-policy": _HEADERS["content-security-policy"] + "; script-src 'self'"}


@dataclass(frozen=True, slots=True)
class Display:
    """How a browser wants its pages: "zh" or "en", and in large type or not."""

    language: str = "zh"
    is_large: bool = False

    @classmethod
    def of(cls, cookie: str | None, ui_locales: str | None, accept_language: str | None) -> "Display":
        """What the person chose here before wins over what the client or the browser asks for."""
        chosen = (cookie or "").split("-")
        language = chosen[0] if chosen[0] in _TEXTS else language_of(ui_locales, accept_language)
        return cls(language, "large" in chosen)

    def changed(self, action: str) -> "Display":
        if action in _TEXTS:
            return Display(action, self.is_large)
        return Display(self.language, action == "large") if action in {"large", "normal"} else self

    def cookie(self) -> str:
        return f"{self.language}-{'large' if self.is_large else 'normal'}"


DISPLAY_ACTIONS: Final = frozenset({"zh", "en", "large", "normal"})


class Pages:
    def __init__(self) -> None:
        self._templates = Environment(loader=PackageLoader("services.identity"), autoescape=select_autoescape())
        self._templates.filters["local"] = _local

    def show(
        self, template: str, display: Display, *, message: str = "", status: int = 200, has_script: bool = False, **said: Any
    ) -> HTMLResponse:
        """One of our templates. `message` is the name of a text of ours."""
        texts = _MESSAGES.get(message)
        shown = {
            "message": texts and texts[display.language == "en"],
            "is_news": message in _NEWS,
            "size": "large" if display.is_large else "",
            "say": lambda zh, en: en if display.language == "en" else zh,
            **said,
        }
        page = self._page(template, display.language, shown, status)
        if has_script:
            page.headers.update(_WITH_SCRIPT)
        return page

    def consent(self, request: str, client_name: str, scopes: list[str], *, language: str) -> HTMLResponse:
        """What a client would like to know; the person accepts or denies."""
        return self._page("consent.html", language, {"request": request, "client": client_name, "scopes": scopes}, 200)

    def stale(self, *, language: str, status: int = 400) -> HTMLResponse:
        return self.error(_TEXTS[language]["stale"], language=language, status=status)

    def error(self, description: str, *, language: str, status: int = 400) -> HTMLResponse:
        """For what must not be sent back to an address that nobody has vouched for."""
        return self._page("error.html", language, {"description": description}, status)

    def account(self, template: str, texts: dict[str, str], said: dict[str, Any], display: Display, *, status: int = 200) -> HTMLResponse:
        """A page of the person's own account, in words of its own beside the common ones."""
        shown = {**said, "t": _TEXTS[display.language] | texts, "size": "large" if display.is_large else ""}
        return self._page(template, display.language, shown, status)

    def bilingual(self, template: str, *, language: str, status: int = 200, **said: Any) -> HTMLResponse:
        """A page that holds its own texts in both languages."""
        return self._page(template, language, said, status)

    def _page(self, template: str, language: str, said: dict[str, Any], status: int) -> HTMLResponse:
        html = self._templates.get_template(template).render(**{"t": _TEXTS[language], "language": language, **said})
        return HTMLResponse(html, status, _HEADERS)


def _local(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def language_of(ui_locales: str | None, accept_language: str | None) -> str:
    """ "en" when the client or the browser asks for it first, else "zh"."""
    wanted = (ui_locales or accept_language or "").strip().lower()
    return "en" if wanted.startswith("en") else "zh"
