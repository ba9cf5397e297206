"""What everybody sees: ratings and replies together 双公开, and nothing about anybody."""

import base64
import hashlib
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from contracts.api.rating import PublicRating
from contracts.values import PersonId
from tests.component.rating.users import AGENCY, OTHER_AGENCY, Service, anybody

PHONE, RESIDENT, MAIL = "13800138000", "11010519491231002X", "zhang.san@example.com"


async def _listed(rating: Service, query: str = "") -> Any:
    answer = await rating.get(f"/ratings{query}", anybody())
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _page(rating: Service, query: str = "", **headers: str) -> tuple[ET.Element, Any]:
    answer = await rating.get(f"/ratings/page{query}", anybody(), **headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    return ET.fromstring(answer.text), answer


async def test_a_bad_rating_is_public_before_and_with_its_reply(rating: Service, person: PersonId) -> None:
    bad = await rating.rated(person, 1, tags=("110", "115"), text="等了三个月")
    [before] = (await _listed(rating))["items"]
    assert (before["stars"], before["text"], before["reply"]) == (1, "等了三个月", None)
    rating.passes(timedelta(days=1))
    await rating.reply(bad["rating_id"], text="流程已经整改。")
    [after] = (await _listed(rating))["items"]
    assert after["reply"]["text"] == "流程已经整改。"
    assert {**after, "reply": None} == before


async def test_a_public_rating_has_exactly_the_facts_that_are_nobodys(rating: Service, person: PersonId) -> None:
    await rating.rated(person, 4, tags=("413",))
    [found] = (await _listed(rating))["items"]
    assert set(found) == set(PublicRating.model_fields)
    assert (found["level_zh"], found["level_en"], found["rated_on"]) == ("满意", "Satisfied", "2026-11-24")
    assert (found["agency"], found["agency_name"], found["matter_name"]) == (AGENCY, "示例·某机构", "示例·居住证申领")
    assert found["tags"] == [{"code": "413", "zh": "服务态度较好", "en": "Fairly good service manner"}]


@pytest.mark.parametrize("path", ["/ratings", "/ratings/page?lang=zh", "/ratings/page?lang=en"])
async def test_nothing_about_anybody_is_in_the_bytes(rating: Service, person: PersonId, path: str) -> None:
    closed = rating.case(person)
    text = f"电话{PHONE}，证号{RESIDENT}，邮箱{MAIL}，办件{closed.number}，工号clerk-7001"
    bad = await rating.rated(person, 1, text=text, number=closed.number)
    await rating.reply(bad["rating_id"], text=f"pd-009 已联系 {PHONE}，chief-7002 已道歉")
    answer = await rating.get(path, anybody())
    assert "已道歉".encode() in answer.content
    assert bad["case_number"] == closed.number
    secrets = (PHONE, RESIDENT, MAIL, closed.number, closed.number[-14:], person, "clerk-7001", "chief-7002", "pd-009")
    assert [secret for secret in secrets if secret.encode() in answer.content] == []
    assert not rating.door.disclosed


async def test_the_list_filters_by_agency_and_by_matter(rating: Service) -> None:
    first = await rating.rated(PersonId.new(), 5)
    second = await rating.rated(PersonId.new(), 4, basic="310117002012")
    third = await rating.rated(PersonId.new(), 3, agency=OTHER_AGENCY)

    async def ids(query: str) -> list[str]:
        return [each["rating_id"] for each in (await _listed(rating, query))["items"]]

    assert await ids("") == [each["rating_id"] for each in (third, second, first)]
    assert await ids(f"?agency={AGENCY}") == [second["rating_id"], first["rating_id"]]
    assert await ids(f"?task_code={first['task_code']}") == [first["rating_id"]]
    assert await ids(f"?agency={OTHER_AGENCY}&task_code={first['task_code']}") == []


async def test_the_list_comes_in_pages_newest_first(rating: Service) -> None:
    made = [(await rating.rated(PersonId.new(), 5))["rating_id"] for _ in range(21)]
    first = await _listed(rating)
    # A rating that comes in between moves nothing on the following page.
    await rating.rated(PersonId.new(), 5)
    second = await _listed(rating, f"?after={first['next']}")
    assert [each["rating_id"] for each in first["items"] + second["items"]] == made[::-1]
    assert (len(first["items"]), second["next"]) == (20, None)


@pytest.mark.parametrize("query", ["?agency=1", "?task_code=x", "?after=20"])
@pytest.mark.parametrize("path", ["/ratings", "/ratings/page"])
async def test_filters_that_cannot_be_are_refused(rating: Service, path: str, query: str) -> None:
    assert (await rating.get(path + query, anybody())).status_code == 422


@pytest.mark.parametrize(
    ("query", "accept_language", "lang"),
    [
        ("", "", "zh-CN"),
        ("", "zh-CN,zh;q=0.9", "zh-CN"),
        ("", "en-GB,en;q=0.9", "en"),
        ("?lang=en", "zh-CN", "en"),
        ("?lang=zh", "en", "zh-CN"),
    ],
)
async def test_the_page_is_well_formed_and_says_its_language(
    rating: Service, person: PersonId, query: str, accept_language: str, lang: str
) -> None:
    await rating.rated(person, 2, tags=("214",), text="态度生硬")
    page, answer = await _page(rating, query, accept_language=accept_language)
    assert page.get("lang") == lang
    said = "".join(page.itertext())
    assert ("不满意 · 2 星" in said, "Dissatisfied · 2 of 5 stars" in said) == (lang == "zh-CN", lang == "en")
    assert ("服务态度生硬" in said, "Stiff service manner" in said) == (lang == "zh-CN", lang == "en")
    other = page.find(".//a[@hreflang]")
    assert other is not None
    assert other.get("lang") == ("en" if lang == "zh-CN" else "zh-CN")
    assert answer.headers["vary"] == "accept-language"


async def test_the_page_shows_rating_and_reply_together(rating: Service, person: PersonId) -> None:
    waiting = await rating.rated(person, 1, text="没人理")
    bad = await rating.rated(person, 1, text="等太久")
    await rating.rated(person, 5)
    await rating.reply(bad["rating_id"], text="已增设窗口。")
    page, _ = await _page(rating, "?lang=zh")
    good, replied, unanswered = ("".join(article.itertext()) for article in page.iter("article"))
    assert "等太久" in replied
    assert "机构答复 · 已整改" in replied
    assert "已增设窗口。" in replied
    assert "正在等待办理机构答复。" in unanswered
    assert "答复" not in good
    headings = {each.get("id") for each in page.iter() if each.tag in {"h3", "h4"}}
    labels = {each.get("aria-labelledby") for each in page.iter() if each.get("aria-labelledby")}
    assert labels == headings
    assert f"rating-{waiting['rating_id']}" in labels


async def test_the_page_needs_no_script_and_allows_none(rating: Service, person: PersonId) -> None:
    await rating.rated(person, 1, text="<script>alert(1)</script><img src=x onerror=alert(1)>&\"'")
    page, answer = await _page(rating)
    assert [each.tag for each in page.iter() if each.tag in {"script", "img", "link", "iframe", "form"}] == []
    assert not [name for each in page.iter() for name in each.keys() if name.startswith("on") or name == "style"]  # noqa: SIM118 (an element is no mapping)
    assert "<script>alert(1)</script>" in "".join(page.itertext())
    style = page.findtext(".//style") or ""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert answer.headers["content-security-policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


async def test_the_links_of_the_page_keep_language_and_filter(rating: Service) -> None:
    for _ in range(21):
        newest = await rating.rated(PersonId.new(), 5)
    await rating.rated(PersonId.new(), 5, agency=OTHER_AGENCY)
    first, _ = await _page(rating, f"?lang=en&agency={AGENCY}")
    assert len(list(first.iter("article"))) == 20
    further = first.find(".//a[@rel='next']")
    assert further is not None
    second, _ = await _page(rating, further.get("href") or "")
    assert second.get("lang") == "en"
    assert len(list(second.iter("article"))) == 1
    assert second.find(".//a[@rel='next']") is None
    back = second.find(".//nav/a")
    assert back is not None
    again, _ = await _page(rating, back.get("href") or "")
    assert again.find(".//article/h3").get("id") == f"rating-{newest['rating_id']}"  # type: ignore[union-attr]


async def test_a_page_without_ratings_says_so(rating: Service) -> None:
    page, _ = await _page(rating, "?lang=en")
    assert "No ratings match." in "".join(page.itertext())
