"""Ratings as rules: tickets, tags, replies, and what is struck out of public texts."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.working_days import known
from contracts.values import CaseNumber, CreditCode, DivisionCode, OfficerId, PersonId, TaskCode, TicketId
from services.rating import domain
from services.rating.domain import (
    AnswersForNoUnit,
    Rating,
    RatingNotAwaitingReply,
    Reply,
    Said,
    TagsDoNotFit,
    Ticket,
    TicketHasExpired,
    TicketWasUsed,
    Unit,
    fitted,
    masked,
)
from services.rating.repository import known_tags

AGENCY = CreditCode("11310115002421001H")
DISTRICT = DivisionCode("310115")
TASK = TaskCode(f"{AGENCY}6310117002011")
CLOSED_AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
TICKET = Ticket(
    id=TicketId.new(),
    case_number=CaseNumber.of(TASK, date(2026, 11, 18), 7),
    person_id=PersonId.new(),
    task_code=TASK,
    matter_name="示例事项",
    agency=AGENCY,
    agency_name="示例机构",
    division=DISTRICT,
    accepted_by=OfficerId("pd-001"),
    decided_by=OfficerId("pd-002"),
    closed_at=CLOSED_AT,
    expires_at=CLOSED_AT + timedelta(days=30),
)


def said(stars: int, *tags: str) -> Said:
    return Said(stars=stars, tags=tags, text=None, is_anonymous=False, channel="app")


def rated(stars: int, *, at: datetime = AT) -> Rating:
    return Rating.of(TICKET, said(stars), known=known_tags(), calendar=known(), at=at)


def test_a_ticket_is_used_once() -> None:
    used = TICKET.use(at=AT)
    assert used == replace(TICKET, used_at=AT)
    with pytest.raises(TicketWasUsed):
        used.use(at=AT)


@pytest.mark.parametrize(("late", "works"), [(timedelta(microseconds=-1), True), (timedelta(0), False), (timedelta(days=1), False)])
def test_a_ticket_works_until_the_instant_it_expires(late: timedelta, works: bool) -> None:
    at = TICKET.expires_at + late
    if works:
        assert TICKET.use(at=at).used_at == at
        return
    with pytest.raises(TicketHasExpired):
        TICKET.use(at=at)


def test_a_used_ticket_says_so_even_when_it_has_expired() -> None:
    with pytest.raises(TicketWasUsed):
        TICKET.use(at=AT).use(at=TICKET.expires_at)


@pytest.mark.parametrize(("stars", "state"), [(1, "dispatched"), (2, "dispatched"), (3, "published"), (4, "published"), (5, "published")])
def test_one_and_two_stars_are_dispatched_and_the_rest_published(stars: int, state: str) -> None:
    rating = rated(stars)
    assert rating.state == state
    assert (rating.reply_due is None) == (state == "published")


@pytest.mark.parametrize(
    ("at", "due_on", "is_provisional"),
    [
        pytest.param(AT, date(2026, 12, 1), False, id="Tuesday to Tuesday over a weekend"),
        pytest.param(datetime(2026, 11, 24, 15, 59, tzinfo=UTC), date(2026, 12, 1), False, id="a minute before midnight in Shanghai"),
        pytest.param(datetime(2026, 11, 24, 16, 0, tzinfo=UTC), date(2026, 12, 2), False, id="midnight in Shanghai is the next day"),
        pytest.param(datetime(2026, 9, 24, 2, 0, tzinfo=UTC), date(2026, 10, 9), False, id="over Mid-Autumn and National Day"),
        pytest.param(datetime(2026, 12, 28, 2, 0, tzinfo=UTC), date(2027, 1, 4), True, id="beyond the known calendar"),
    ],
)
def test_the_reply_is_due_five_working_days_after_the_local_day(at: datetime, due_on: date, is_provisional: bool) -> None:
    due = rated(1, at=at).reply_due
    assert due is not None
    assert (due.on, due.is_provisional) == (due_on, is_provisional)


def test_a_dispatched_rating_is_replied_to_once() -> None:
    reply = Reply("rectified", "已整改", OfficerId("pd-009"), AT)
    answered = rated(2).replied(reply)
    assert (answered.state, answered.reply) == ("replied", reply)
    with pytest.raises(RatingNotAwaitingReply):
        answered.replied(reply)


def test_a_good_rating_awaits_no_reply() -> None:
    with pytest.raises(RatingNotAwaitingReply):
        rated(5).replied(Reply("explained", "谢谢", OfficerId("pd-009"), AT))


@pytest.mark.parametrize(
    ("kind", "division", "agency", "unit"),
    [
        ("district", DISTRICT, None, Unit(division=DISTRICT)),
        ("district", DISTRICT, AGENCY, Unit(division=DISTRICT)),
        ("department", DISTRICT, AGENCY, Unit(agency=AGENCY)),
        ("department", DISTRICT, None, None),
        ("district", None, AGENCY, None),
        ("app", DISTRICT, AGENCY, None),
        ("", None, None, None),
    ],
)
def test_a_district_answers_for_its_division_and_a_department_for_its_agency(
    kind: str, division: DivisionCode | None, agency: CreditCode | None, unit: Unit | None
) -> None:
    if unit is not None:
        assert Unit.of(kind, division, agency) == unit
        return
    with pytest.raises(AnswersForNoUnit):
        Unit.of(kind, division, agency)


def test_the_tag_table_is_the_national_one_in_two_languages() -> None:
    tags = known_tags()
    assert len(tags) == 40
    assert {code[0] for code in tags} == {"1", "2", "3", "4", "5"}
    assert all(re.fullmatch(r"[1-5][0-9]{2}", code) and tag.code == code and tag.zh and tag.en for code, tag in tags.items())
    assert tags["209"].zh == "未在承诺时间内办结"


@pytest.mark.parametrize(
    ("stars", "tags", "kept"),
    [(5, (), ()), (5, ("510", "517"), ("510", "517")), (1, ("115",), ("115",)), (2, ("209", "214", "209"), ("209", "214"))],
)
def test_tags_that_exist_and_go_with_the_stars_are_kept_once(stars: int, tags: tuple[str, ...], kept: tuple[str, ...]) -> None:
    assert fitted(tags, stars, known_tags()) == kept


@pytest.mark.parametrize(
    ("stars", "tags", "errors"),
    [
        (5, ("510", "209"), [{"field": "tags.1", "rule": "goes with the stars"}]),
        (1, ("101",), [{"field": "tags.0", "rule": "known"}]),
        (3, ("599", "307"), [{"field": "tags.0", "rule": "known"}]),
    ],
)
def test_tags_that_do_not_exist_or_go_with_other_stars_are_refused(stars: int, tags: tuple[str, ...], errors: list[Any]) -> None:
    with pytest.raises(TagsDoNotFit) as refused:
        fitted(tags, stars, known_tags())
    assert refused.value.extensions == {"errors": errors}


@pytest.mark.parametrize(
    "personal",
    [
        "13800138000",
        "１３８００１３８０００",
        "138 0013 8000",
        "138-0013-8000",
        "138–0013—8000",
        "138.0013.8000",
        "138（0013）－8000",
        "1 3 8 0 0 1 3 8 0 0 0",
        "138\u30000013\u00a08000",
        "138\n0013\n8000",
        "+86 138 0013 8000"[4:],
        "8613800138000",
        "一三八〇〇一三八〇〇〇",
        "幺三八零零一三八零零零",
        "11010519491231002X",
        "11010519491231002x",
        "110105 19491231 002X",
        "110105-1949-1231-002X",
        "１１０１０５１９４９１２３１００２Ｘ",
        "310115199003071234",
        "310115 19900307 1234",
        "110105491231002",
        "110105 491231 002",
        "6222020200001234567",
        "zhang.san@example.com",
        "Zhang_San+1@mail.example.com.cn",
        "zhang＠example．com",
        "13800138000@example.com",
    ],
)
@pytest.mark.parametrize("around", ["{}", "请联系{}，谢谢", "电话:{}!", "a {} b", "（{}）"])
def test_what_looks_personal_is_struck_out(personal: str, around: str) -> None:
    assert masked(around.format(personal)) == around.format("*" * len(personal))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "办事很快，谢谢！",
        "跑了3次，等了2小时，花了12.50元。",
        "2026-11-24 10:30 到 2026-11-25 09:00 一直在排队",
        "2026-11-01 2026-11-24 两天都没有人",
        "12345 热线没有回复",
        "窗口 021-6123 排队 15 人",
        "依据国办发〔2019〕51号第5条",
        "一、二、三、四、五、六、七、八、九、十、十一、十二",
        "第1号、第3号、第5号窗口都关着，4 点 30 分才开",
        "价格 @ 窗口不一致，3@5",
        "1380013800",
        "Very good service, 5 of 5!",
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert masked(text) == text


def test_words_to_hide_are_struck_out_as_words() -> None:
    text = "工号PD-001态度差，pd-0012不是他，ＰＤ－００１再说一遍"
    assert masked(text, hiding=("pd-001",)) == "工号******态度差，pd-0012不是他，******再说一遍"


_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
_MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
_RESIDENTS = st.from_regex(r"(11|31|44|65)[0-9]{4}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])[0-9]{3}[0-9X]", fullmatch=True)
_WITHOUT_DIGITS = st.text(st.sampled_from("办事窗口很慢，。！ abcXYZ\n（）"), max_size=20)


@given(
    number=st.one_of(_MOBILES, _RESIDENTS),
    gaps=st.lists(st.sampled_from(["", "", "", " ", "-", "\u3000", "－", " - "[:2]]), min_size=18, max_size=18),
    wide=st.booleans(),
    before=_WITHOUT_DIGITS,
    after=_WITHOUT_DIGITS,
)
def test_no_digit_of_a_personal_number_survives_however_it_is_grouped(
    number: str, gaps: list[str], wide: bool, before: str, after: str
) -> None:
    grouped = "".join(digit + gap for digit, gap in zip(number, gaps, strict=False))
    text = f"{before}，{grouped.translate(_WIDE) if wide else grouped}，{after}"
    assert not any(character.isdigit() for character in masked(text))


@given(st.text(st.one_of(st.sampled_from("0123456789１３８xX@.-－ 　一〇"), st.characters()), max_size=200))
def test_striking_out_keeps_the_length_and_only_ever_writes_asterisks(text: str) -> None:
    struck = masked(text)
    assert len(struck) == len(text)
    assert all(now in {was, "*"} for was, now in zip(text, struck, strict=True))
    assert not re.search(r"[0-9]{11}", struck)


@pytest.mark.parametrize("text", ["a" * 4000, "a." * 2000, "1 " * 2000, "1-" * 2000, "@" * 4000, "a@" * 2000, "a@b-" * 1000])
def test_striking_out_long_texts_is_quick(text: str) -> None:
    started = datetime.now(UTC)
    masked(text)
    assert datetime.now(UTC) - started < timedelta(seconds=1)


def test_every_number_of_stars_has_a_level_in_both_languages() -> None:
    assert sorted(domain.LEVELS) == [1, 2, 3, 4, 5]
    assert domain.LEVELS[5][0] == "非常满意"
    assert domain.LEVELS[1][0] == "非常不满意"
