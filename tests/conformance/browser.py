"""A browser without script, as the foundation's suite drives one: cookies, redirects, forms by the ids of their buttons."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

from chassis.http.authorities import authorities

_REDIRECTS = frozenset({301, 302, 303, 307})
_LONGEST = 20


@dataclass(slots=True)
class Form:
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By id: what a press adds to the fields."""


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if "id" in said:
            self.ids.add(said["id"])
        if tag == "form":
            self.forms.append(Form(said.get("action", ""), said.get("method", "get").upper()))
        elif self.forms and tag == "input" and said.get("name"):
            is_unchecked = said.get("type") in {"radio", "checkbox"} and "checked" not in said
            if not is_unchecked:
                self.forms[-1].fields[said["name"]] = said.get("value", "")
        elif self.forms and tag == "button":
            self.forms[-1].buttons[said.get("id", "")] = (said.get("name", ""), said.get("value", ""))


@dataclass(frozen=True, slots=True)
class Page:
    """What the browser shows now: a page of the provider, or the address outside it that it was sent to."""

    url: str
    status: int
    text: str
    headers: dict[str, str]

    @property
    def forms(self) -> list[Form]:
        return self._parsed().forms

    @property
    def ids(self) -> set[str]:
        return self._parsed().ids

    @property
    def said(self) -> dict[str, str]:
        """The parameters of its address."""
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    def _parsed(self) -> _Forms:
        parser = _Forms()
        parser.feed(self.text)
        return parser


class Browser:
    def __init__(self, issuer: str) -> None:
        self._issuer = issuer
        self._client = httpx.Client(trust_env=False, verify=authorities(), timeout=30, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.close()

    def visit(self, url: str, *, method: str = "GET", form: dict[str, str] | None = None) -> Page:
        """Go there and on as redirects say, until a page is shown or the provider is left."""
        headers = {"origin": self._issuer} if method == "POST" else {}
        answer = self._client.request(method, url, data=form, headers=headers)
        for _ in range(_LONGEST):
            if answer.status_code not in _REDIRECTS:
                return Page(str(answer.url), answer.status_code, answer.text, dict(answer.headers))
            target = urljoin(str(answer.url), answer.headers["location"])
            if not target.startswith(self._issuer + "/"):
                return Page(target, answer.status_code, "", dict(answer.headers))
            answer = self._client.get(target)
        raise AssertionError(f"more than {_LONGEST} redirects, last to {target}")

    def press(self, page: Page, button: str, **fields: str) -> Page:
        """Fill in the form that has this button, and press it."""
        [form, *_] = [form for form in page.forms if button in form.buttons]
        name, value = form.buttons[button]
        said: dict[str, Any] = {**form.fields, **fields, **({name: value} if name else {})}
        target = urljoin(page.url, form.action or page.url)
        return (
            self.visit(target, method=form.method, form=said)
            if form.method == "POST"
            else self.visit(f"{target}?{httpx.QueryParams(said)}")
        )

    def forget(self) -> None:
        self._client.cookies.clear()
