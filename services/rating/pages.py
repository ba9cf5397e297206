"""The public page of ratings and replies: plain HTML in Chinese and English that works without script."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.responses import HTMLResponse

from chassis.working_days import local_day
from contracts.api.rating import PublicRating
from contracts.strict import Page

_TEXTS: Final[dict[str, dict[str, str]]] = {
    "zh": {
        "lang": "zh-CN",
        "title": "政务服务好差评",
        "lead": "评价与答复一并公开。不公开评价人、办件编号和工作人员；文字中疑似个人信息的内容以星号遮盖。",
        "skip": "跳到评价列表",
        "list": "评价列表",
        "none": "没有符合条件的评价。",
        "all": "查看全部评价",
        "matter": "事项",
        "agency": "办理机构",
        "tags": "评价项",
        "text": "评价内容",
        "rated_on": "评价日期",
        "stars": "{stars} 星（满分 5 星）",
        "reply": "机构答复",
        "reply_text": "答复内容",
        "rectified": "已整改",
        "explained": "已说明",
        "replied_on": "答复日期",
        "waiting": "正在等待办理机构答复。",
        "next": "更早的评价",
        "first": "返回最新评价",
        "paging": "翻页",
        "other": "English",
    },
    "en": {
        "lang": "en",
        "title": "Ratings of government services",
        "lead": "Ratings and the replies to them are public together. Neither persons nor case numbers nor officers are shown; what looks personal in a text is struck out by asterisks.",
        "skip": "Skip to the ratings",
        "list": "Ratings",
        "none": "No ratings match.",
        "all": "Show all ratings",
        "matter": "Matter",
        "agency": "Agency",
        "tags": "Evaluation items",
        "text": "Comment",
        "rated_on": "Rated on",
        "stars": "{stars} of 5 stars",
        "reply": "Reply of the agency",
        "reply_text": "What it says",
        "rectified": "Rectified",
        "explained": "Explained",
        "replied_on": "Replied on",
        "waiting": "Waiting for the agency's reply.",
        "next": "Earlier ratings",
        "first": "Back to the newest",
        "paging": "Pages",
        "other": "中文",
    },
}
_WORST_GOOD: Final = 3


class Pages:
    def __init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("services.rating"), autoescape=select_autoescape(), undefined=StrictUndefined, trim_blocks=True
        )
        self._templates.filters["local_day"] = local_day
        self._style = self._templates.get_template("ratings.css").render()
        digest = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        self._headers = {
            "content-security-policy": policy,
            "cache-control": "no-cache",
            "vary": "accept-language",
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
        }

    def published(self, page: Page[PublicRating], *, language: str, chosen: Mapping[str, str | None], after: str | None) -> HTMLResponse:
        """`chosen` are the filters of this page, kept by its links."""
        html = self._templates.get_template("ratings.html").render(
            t=_TEXTS[language],
            language=language,
            other="zh" if language == "en" else "en",
            page=page,
            is_filtered=any(chosen.values()),
            after=after,
            worst_good=_WORST_GOOD,
            style=Markup(self._style),  # noqa: S704 (our own file)
            link=_links({**chosen, "lang": language, "after": after}),
        )
        return HTMLResponse(html, headers=self._headers)


def _links(here: Mapping[str, str | None]) -> Callable[..., str]:
    return partial(_link, here)


def _link(here: Mapping[str, str | None], **changed: Any) -> str:
    """The address of this page with some parameters changed; None takes one away."""
    return "?" + urlencode({name: value for name, value in {**here, **changed}.items() if value})
