"""What stands in each document that the law asks for, in both languages, and that its PDF is the same bytes every time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader

from chassis import working_days
from contracts.values import CaseNumber, DivisionCode, OfficerId, TaskCode
from services.application.domain.case import Case, Citation, Extension, IntakeRefusal, Notice, Special, Suspension
from services.application.domain.case.parts import Cause
from services.application.domain.documents import KINDS, REASONED, Document, Kind, compose
from services.application.domain.lifecycle import Act
from services.application.domain.limits import Renewal
from services.application.pages import pdf
from services.application.repository.documents import no_reasons, remedies, templates
from tests.support import cases
from tests.support.clock import TODAY
from tests.support.walks import CHAIR, IDENTIFIER, submitted

CALENDAR = working_days.known()
CLERK, REVIEWER, DECIDER, HEAD = (OfficerId(f"hp-00{n}") for n in range(1, 5))
WHY = "材料与登记信息 <b>不一致</b> & 未接种"
CITED = (Citation("condition:1", "犬只已接种狂犬病疫苗"),)
NOTICE = Notice(WHY, ("vaccination-proof",), ("address",), TODAY, (Citation("material:vaccination-proof", "示例·接种证明"),))
ELSEWHERE = IntakeRefusal("wrong_agency", cases.AGENCY, "示例·徐汇区公安分局")
NUMBER = "示例·黄浦区公安分局不准字〔2026〕第7号"
RENEWS = Renewal(IDENTIFIER, date(2026, 12, 24))
MIDNIGHT = datetime(2026, 12, 24, 16, tzinfo=UTC)
OPENS = datetime(2026, 12, 10, 6, 30, tzinfo=UTC)
MANDATORY = {Kind.INTAKE_REFUSAL, Kind.CORRECTION, Kind.SUSPENSION, Kind.EXTENSION, Kind.DENIAL, Kind.TERMINATION, Kind.HEARING_RIGHTS}
OTHER_TYPE = TaskCode(f"{cases.TASK[:21]}07{cases.TASK[23:]}")


def accepted(case: Case) -> Case:
    return case.accept(by=CLERK, at=TODAY, calendar=CALENDAR)


def reviewing(case: Case) -> Case:
    return accepted(case).begin_review(by=REVIEWER)


def heard(case: Case) -> Case:
    told = reviewing(case).offer_hearing(at=TODAY, calendar=CALENDAR, about=WHY).request_hearing(at=TODAY, calendar=CALENDAR)
    return told.announce_hearing(opens_at=OPENS, place="示例路 1 号 301 室", chair=CHAIR, at=TODAY, calendar=CALENDAR)


def after(act: Act, case: Case | None = None) -> Case:
    """A case as it is after the act."""
    return STEPS[act](case or submitted())


STEPS: dict[Act, Callable[[Case], Case]] = {
    Act.ACCEPT: accepted,
    Act.DEEM_ACCEPTED: lambda case: case.deem_accepted(received_at=TODAY, calendar=CALENDAR),
    Act.REFUSE_INTAKE: lambda case: case.refuse_intake(ELSEWHERE, reason=WHY, grounds=CITED, at=TODAY),
    Act.REQUEST_CORRECTION: lambda case: case.request_correction(NOTICE),
    Act.RETURN: lambda case: reviewing(case).return_for_correction(replace(NOTICE, step=2)),
    Act.SUSPEND: lambda case: reviewing(case).suspend(Suspension(Special.EXPERT_REVIEW, WHY, TODAY, 12)),
    Act.EXTEND: lambda case: reviewing(case).extend(Extension(8, WHY, HEAD, TODAY), calendar=CALENDAR),
    Act.OFFER_HEARING: lambda case: reviewing(case).offer_hearing(at=TODAY, calendar=CALENDAR, about=WHY),
    Act.ANNOUNCE_HEARING: heard,
    Act.DEEM_RENEWED: lambda case: replace(case, renews=RENEWS).deem_renewed(at=MIDNIGHT),
    Act.TERMINATE: lambda case: case.terminate("duplicate", reason=WHY, at=TODAY),
    Act.GRANT: lambda case: reviewing(case).grant(by=DECIDER, at=TODAY, reason=None),
    Act.REFUSE: lambda case: reviewing(case).refuse(by=DECIDER, at=TODAY, reason=WHY, grounds=CITED),
}


def document(act: Act, case: Case | None = None, *, answer_by: date | None = None) -> Document:
    kind = KINDS[act]
    return compose(
        case or after(act), kind, templates()[kind], remedies(), number=NUMBER, addressee="示例·甲一", titles={"address": "地址"},
        no_reasons=no_reasons(), at=TODAY, answer_by=answer_by,
    )  # fmt: skip


def test_every_kind_has_its_words_and_an_act_and_a_submission_leaves_none() -> None:
    assert set(templates()) == set(KINDS.values()) == set(Kind)
    assert Kind.ACCEPTANCE not in REASONED
    assert MANDATORY < REASONED
    assert Act.SUBMIT not in KINDS
    words = [template.word for template in templates().values()]
    assert len(set(words)) == len(words)


@pytest.mark.parametrize("act", KINDS)
def test_a_document_says_who_told_whom_what_and_when_in_both_languages(act: Act) -> None:
    case = after(act)
    said = document(act)
    for part in (
        NUMBER, case.agency_name, "示例·甲一", case.matter_name, case.number, said.title.zh, said.title.en, "2026年", said.issued_on.isoformat()[:4],
    ):  # fmt: skip
        assert part in said.text(), part
    assert all(words.zh and words.en and "{" not in words.zh + words.en for words in said.passages)
    assert "许可" in said.title.zh
    assert said.issued_on == working_days.local_day(TODAY)


@pytest.mark.parametrize("act", [act for act, kind in KINDS.items() if kind in REASONED])
def test_reasons_stand_in_it_and_where_there_are_none_it_says_so(act: Act) -> None:
    assert document(act).reasons[0] == WHY
    bare = {
        Act.REQUEST_CORRECTION: lambda case: replace(case, notice=replace(NOTICE, text=" ", citations=(), materials=(), fields=())),
        Act.RETURN: lambda case: replace(case, course=replace(case.course, returns=(Notice(" ", (), (), TODAY, (), 2),))),
        Act.SUSPEND: lambda case: replace(case, suspensions=(replace(case.suspensions[0], reason=" "),)),
        Act.EXTEND: lambda case: replace(case, extension=replace(case.extension, reason=" ")),
        Act.OFFER_HEARING: lambda case: replace(case, hearing=replace(case.hearing, about=None)),
    }.get(act, lambda case: replace(case, reason=None))
    [none] = document(act, bare(after(act))).reasons
    assert no_reasons().zh in none
    assert no_reasons().en in none


def test_what_is_cited_is_said_with_the_words_of_the_guide() -> None:
    for act in (Act.REFUSE_INTAKE, Act.REFUSE):
        assert any("犬只已接种狂犬病疫苗" in each for each in document(act).reasons)
    asked = document(Act.REQUEST_CORRECTION).text()
    assert "示例·接种证明" in asked
    assert "地址" in asked


@pytest.mark.parametrize("act", KINDS)
def test_recourse_stands_where_something_is_refused_and_nowhere_else(act: Act) -> None:
    said = document(act).remedies
    if KINDS[act] not in {Kind.INTAKE_REFUSAL, Kind.DENIAL, Kind.TERMINATION}:
        assert said is None
        return
    assert said is not None
    for part in ("60日", "行政复议", "6个月", "行政诉讼", "上海市黄浦区人民政府", "人民法院"):
        assert part in said.zh
    for part in ("60 days", "reconsideration", "6 months", "Huangpu"):
        assert part in said.en


def test_a_division_that_nobody_named_has_the_government_of_its_level() -> None:
    assert "本级人民政府" in remedies().of(DivisionCode("320102")).zh


def test_the_term_of_the_answer_the_new_due_day_and_the_procedure_are_told() -> None:
    assert "2026年12月10日" in document(Act.REQUEST_CORRECTION, answer_by=date(2026, 12, 10)).text()
    assert "请于" not in document(Act.REQUEST_CORRECTION).text()
    extended = after(Act.EXTEND)
    assert extended.due is not None
    assert extended.due.on.isoformat() in document(Act.EXTEND).text()
    suspended = document(Act.SUSPEND).text()
    assert "专家评审" in suspended
    assert "expert review" in suspended
    assert "12个工作日" in suspended
    assert "示例·徐汇区公安分局" in document(Act.REFUSE_INTAKE).text()
    assert "视为" not in document(Act.ACCEPT).text()
    assert "第三十二条第一款第四项" in document(Act.DEEM_ACCEPTED).text()


@pytest.mark.parametrize("act", [act for act in KINDS if act is not Act.DEEM_ACCEPTED])
def test_the_licensing_law_is_cited_for_licences_alone(act: Act) -> None:
    other = replace(submitted(), task_code=OTHER_TYPE, number=CaseNumber.of(OTHER_TYPE, date(2026, 5, 1), 1))
    said = document(act, after(act, other)).text()
    assert "许可" not in said
    assert "Licen" not in said


@pytest.mark.parametrize("act", KINDS)
def test_a_pdf_is_the_same_bytes_every_time_and_says_what_the_text_says(act: Act) -> None:
    said = document(act)
    printed = pdf(said, "示例·测试专用章")
    assert printed == pdf(said, "示例·测试专用章")
    reader = PdfReader(BytesIO(printed))
    read = "".join(page.extract_text() for page in reader.pages).replace("\n", "")
    for part in (said.number, said.agency_name, said.addressee, said.title.zh, *said.reasons[:1], "示例·测试专用章"):
        assert part.replace("\n", "") in read, part
    assert reader.metadata is not None
    assert said.number in str(reader.metadata.title)
    assert pdf(replace(said, issued_at=TODAY + timedelta(days=1)), "示例·测试专用章") != printed


def test_a_long_reason_goes_on_over_pages_and_the_seal_stays_whole() -> None:
    long = replace(document(Act.REFUSE), reasons=tuple(f"第{n}条理由：{'情况说明' * 60}" for n in range(20)))
    reader = PdfReader(BytesIO(pdf(long, "示例·测试专用章")))
    assert len(reader.pages) > 1
    last = reader.pages[-1].extract_text()
    assert long.agency_name in last
    assert "示例·测试专用章" in last


def test_a_hearing_is_announced_with_time_place_and_rights() -> None:
    said = document(Act.ANNOUNCE_HEARING).text()
    for part in ("2026年12月10日14:30", "2026-12-10 14:30", "示例路 1 号 301 室", CHAIR.name, "回避", "申辩和质证", "费用", "public"):
        assert part in said, part
    rights = document(Act.OFFER_HEARING).text()
    assert "2026年12月1日" in rights
    assert "2026-12-01" in rights
    assert WHY in rights


def test_a_deemed_renewal_names_the_certificate_and_since_when_it_counts_as_renewed() -> None:
    said = document(Act.DEEM_RENEWED).text()
    for part in (IDENTIFIER, "2026年12月24日", "2026年12月25日", "2026-12-25", "视为准予延续"):
        assert part in said, part


@pytest.mark.parametrize(
    ("cause", "zh", "en"),
    [
        ("correction_timeout", "逾期未补正", "not supplied in time"),
        ("not_supplied", "容缺受理", "they did not follow"),
        ("death_or_dissolution", "依法终止", "dissolved"),
        ("duplicate", "重复提交", "submitted before"),
        ("lost_jurisdiction", "职权范围", "no longer within"),
    ],
)
def test_a_termination_says_on_which_ground_and_no_other(cause: Cause, zh: str, en: str) -> None:
    before = submitted().request_correction(NOTICE) if cause == "correction_timeout" else submitted()
    said = document(Act.TERMINATE, before.terminate(cause, reason=WHY, at=TODAY)).text()
    assert zh in said
    assert en in said
    assert said.count("终止依据") == said.count("Ground:") == 1
