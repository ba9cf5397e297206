"""The documents 文书 that the law asks for: which act leaves which one, and what must stand in it.

Source: 行政许可法 Art. 32 (in writing, with seal and date), 38 (reasons and recourse), 42 and 45 (told to the applicant), 47 and 48
(the right to a hearing; when and where it is held). ADR-0051.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from chassis.working_days import SHANGHAI, local_day
from contracts.values import CaseNumber, CreditCode, DivisionCode
from services.application.domain.case import Case, Citation, Hearing, Notice
from services.application.domain.clock import is_licence
from services.application.domain.lifecycle import Act
from services.application.domain.limits import Renewal


class Kind(StrEnum):
    ACCEPTANCE = "acceptance"
    INTAKE_REFUSAL = "intake_refusal"
    CORRECTION = "correction"
    REVIEW_CORRECTION = "review_correction"
    SUSPENSION = "suspension"
    EXTENSION = "extension"
    HEARING_RIGHTS = "hearing_rights"
    HEARING = "hearing"
    RENEWAL = "renewal"
    GRANT = "grant"
    DENIAL = "denial"
    TERMINATION = "termination"


KINDS: Final[Mapping[Act, Kind]] = {
    Act.ACCEPT: Kind.ACCEPTANCE,
    Act.DEEM_ACCEPTED: Kind.ACCEPTANCE,
    Act.REFUSE_INTAKE: Kind.INTAKE_REFUSAL,
    Act.REQUEST_CORRECTION: Kind.CORRECTION,
    Act.RETURN: Kind.REVIEW_CORRECTION,
    Act.SUSPEND: Kind.SUSPENSION,
    Act.EXTEND: Kind.EXTENSION,
    Act.OFFER_HEARING: Kind.HEARING_RIGHTS,
    Act.ANNOUNCE_HEARING: Kind.HEARING,
    Act.DEEM_RENEWED: Kind.RENEWAL,
    Act.GRANT: Kind.GRANT,
    Act.REFUSE: Kind.DENIAL,
    Act.TERMINATE: Kind.TERMINATION,
}
"""The acts that leave a document. A submission is none: its receipt is its number."""

REASONED: Final = frozenset(Kind) - {Kind.ACCEPTANCE, Kind.GRANT, Kind.HEARING, Kind.RENEWAL}
"""Kinds that say why, or what is to be supplied, whatever the officer said."""


@dataclass(frozen=True, slots=True)
class Words:
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Words with places for what is said of the case; they stand where all of `when` holds."""

    words: Words
    when: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Template:
    """`word` 字 stands in the numbers of its kind; `reasons` is the heading above them."""

    title: Words
    licence_title: Words
    word: str
    reasons: Words
    passages: tuple[Passage, ...]
    has_remedies: bool = False


@dataclass(frozen=True, slots=True)
class Remedies:
    """复议 and 诉讼: within how many days and months, and before whom; `bodies` by division."""

    words: Words
    days: int
    months: int
    bodies: Mapping[DivisionCode, Words]
    otherwise: Words
    court: Words

    def of(self, division: DivisionCode) -> Words:
        return _filled(
            self.words,
            {
                "days": self.days,
                "months": self.months,
                "reconsideration": self.bodies.get(division, self.otherwise),
                "court": self.court,
            },
        )


@dataclass(frozen=True, slots=True)
class Document:
    """As it was issued: nothing in it is looked up afterwards. `reasons` stand one by one under their heading."""

    kind: Kind
    number: str
    title: Words
    agency: CreditCode
    agency_name: str
    addressee: str
    case_number: CaseNumber
    issued_at: datetime
    passages: tuple[Words, ...]
    heading: Words
    reasons: tuple[str, ...]
    remedies: Words | None

    @property
    def issued_on(self) -> date:
        return local_day(self.issued_at)

    def text(self) -> str:
        """The whole of it as text, Chinese first."""
        said = [self.agency_name, self.title.zh, self.title.en, self.number, "", f"{self.addressee}："]
        said += [line for words in self.passages for line in (words.zh, words.en)]
        if self.reasons:
            said += ["", heading_of(self.heading), *self.reasons]
        if self.remedies:
            said += ["", heading_of(RECOURSE), self.remedies.zh, self.remedies.en]
        return "\n".join([*said, "", self.agency_name, day_zh(self.issued_on), ""])


RECOURSE: Final = Words("救济途径", "Recourse")


def heading_of(words: Words) -> str:
    return f"{words.zh} {words.en}"


def compose(
    case: Case,
    kind: Kind,
    template: Template,
    remedies: Remedies,
    *,
    number: str,
    addressee: str,
    titles: Mapping[str, str],
    no_reasons: Words,
    at: datetime,
    answer_by: date | None = None,
) -> Document:
    """The document of a case as it is after the act. `titles` of fields are those of its form; `answer_by` is the applicant's last day."""
    values, holds = _said(case, answer_by)
    reasons = _reasons(case, kind, titles) or ((heading_of(no_reasons),) if kind in REASONED else ())
    return Document(
        kind=kind,
        number=number,
        title=template.licence_title if is_licence(case) else template.title,
        agency=case.agency,
        agency_name=case.agency_name,
        addressee=addressee,
        case_number=case.number,
        issued_at=at,
        passages=tuple(_filled(each.words, values) for each in template.passages if each.when <= holds),
        heading=template.reasons,
        reasons=reasons,
        remedies=remedies.of(case.division) if template.has_remedies else None,
    )


_Value = str | int | date | Words


def _said(case: Case, answer_by: date | None) -> tuple[dict[str, _Value], set[str]]:
    """What passages may say of the case, and which of them hold."""
    values: dict[str, _Value] = {
        "matter": case.matter_name,
        "case": case.number,
        "submitted": local_day(case.submitted_at),
        "promised": case.promised_working_days,
    }
    holds = {"licence" if is_licence(case) else "other", "deemed" if case.is_deemed_accepted else "looked_at"}
    known: dict[str, _Value | None] = {
        "accepted": local_day(case.accepted_at) if case.accepted_at else None,
        "decided": local_day(case.decided_at) if case.decided_at else None,
        "due": case.due.on if case.due else None,
        "answer_by": answer_by,
        "certificate": case.certificate_type,
        "extended": case.extension.working_days if case.extension else None,
        "right_agency": case.intake_refusal.agency_name if case.intake_refusal else None,
    }
    if case.suspensions:
        last = case.suspensions[-1]
        known |= {"procedure": Words(last.procedure.zh, last.procedure.en), "since": local_day(last.since), "expected": last.expected_days}
    known |= _heard(case.hearing) | _renewed(case.renews)
    for name, value in known.items():
        if value is not None:
            values[name] = value
            holds.add(name)
    if case.intake_refusal:
        holds.add(case.intake_refusal.kind)
    if case.terminated_for:
        holds.add(case.terminated_for)
    if case.due and case.promised_working_days:
        holds.add("promise")
    return values, holds


def _heard(hearing: Hearing | None) -> dict[str, _Value | None]:
    if hearing is None:
        return {}
    opens = hearing.opens_at.astimezone(SHANGHAI) if hearing.opens_at else None
    at = Words(f"{day_zh(opens.date())}{opens:%H:%M}", f"{opens:%Y-%m-%d %H:%M}") if opens else None
    return {"ask_until": hearing.ask_until, "hear_at": at, "place": hearing.place, "chair": hearing.chair.name if hearing.chair else None}


def _renewed(renews: Renewal | None) -> dict[str, _Value | None]:
    if renews is None or renews.renewed_at is None:
        return {}
    return {"renewed": renews.certificate, "expires": renews.expires_on, "renewed_from": local_day(renews.renewed_at)}


def _reasons(case: Case, kind: Kind, titles: Mapping[str, str]) -> tuple[str, ...]:
    match kind:
        case Kind.CORRECTION | Kind.REVIEW_CORRECTION:
            return _asked(case.asked, titles)
        case Kind.SUSPENSION:
            return _stated(case.suspensions[-1].reason)
        case Kind.EXTENSION:
            return _stated(case.extension.reason if case.extension else None)
        case Kind.HEARING_RIGHTS:
            return _stated(case.hearing.about if case.hearing else None)
        case Kind.INTAKE_REFUSAL | Kind.GRANT | Kind.DENIAL | Kind.TERMINATION:
            stated = _stated(case.reason)
            return (*stated, *_cited(case.grounds)) if stated else ()
        case Kind.ACCEPTANCE | Kind.HEARING | Kind.RENEWAL:
            return ()


def _asked(notice: Notice | None, titles: Mapping[str, str]) -> tuple[str, ...]:
    if notice is None:
        return ()
    named = {each.ref for each in notice.citations}
    materials = tuple(f"材料 material：{code}" for code in notice.materials if f"material:{code}" not in named)
    fields = tuple(f"填写项 field：{titles.get(name, name)}" for name in notice.fields)
    return (*_stated(notice.text), *materials, *_cited(notice.citations), *fields)


def _stated(reason: str | None) -> tuple[str, ...]:
    said = (reason or "").strip()
    return (said,) if said else ()


def _cited(citations: tuple[Citation, ...]) -> tuple[str, ...]:
    return tuple(f"办事指南 guide {each.ref}：{each.text}" for each in citations)


def _filled(words: Words, values: Mapping[str, _Value]) -> Words:
    zh = {name: _in(value, day_zh, "zh") for name, value in values.items()}
    en = {name: _in(value, date.isoformat, "en") for name, value in values.items()}
    return Words(words.zh.format_map(zh), words.en.format_map(en))


def _in(value: _Value, day: Callable[[date], str], language: str) -> str:
    if isinstance(value, Words):
        return str(getattr(value, language))
    return day(value) if isinstance(value, date) else str(value)


def day_zh(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
