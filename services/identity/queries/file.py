"""What the mesh knows of a subject. What identity keeps itself is one function for each section in `OF_PERSON` and `OF_ORGANISATION`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import Row, select

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.api.file import FileField, FileRecord
from contracts.api.identity import file as api
from contracts.values import Assurance, Id, OrganisationId, PersonId, PersonName
from services.identity.domain.organisations import NoSuchOrganisation
from services.identity.domain.persons import Person
from services.identity.neighbours import Keepers
from services.identity.repository import Persons, Sessions
from services.identity.tables import organisations, persons, verifications

_KEPT_ELSEWHERE: Final = {"cases": "application", "certificates": "certificate", "ratings": "rating"}
_TITLES: Final = {
    "account": "账号 account",
    "documents": "证件 documents",
    "verifications": "核验记录 verifications",
    "devices": "登录设备 devices",
    "consents": "同意 consents",
    "cases": "办件 cases",
    "certificates": "证照 certificates",
    "ratings": "评价 ratings",
}

_METHODS: Final = {"real_name": "实名核验 real name", "face": "实人核验 real person"}


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose file, whether in full, and when."""

    subject: PersonId | OrganisationId
    sealer: Sealer
    reveal: bool
    at: datetime


Section: TypeAlias = Callable[[ReadSession, Asked], Awaitable[list[FileRecord]]]


async def own_sections(session: ReadSession, asked: Asked) -> dict[str, api.Section]:
    """What identity keeps itself. Raises NoSuchPerson, NoSuchOrganisation."""
    known = OF_PERSON if isinstance(asked.subject, PersonId) else OF_ORGANISATION
    return {name: _section(name, "complete", await records(session, asked)) for name, records in known.items()}


async def other_sections(keepers: Keepers, *, reveal: bool) -> dict[str, api.Section]:
    """What other services keep, all asked at once: who is away is named, and the rest is answered."""
    answers = await asyncio.gather(*(keepers.records(service, reveal=reveal) for service in _KEPT_ELSEWHERE.values()))
    return {name: _section(name, *answer) for name, answer in zip(_KEPT_ELSEWHERE, answers, strict=True)}


def consent_section(state: api.State, given: list[api.Consent]) -> dict[str, api.Section]:
    return {"consents": _section("consents", state, [_consent(each) for each in given])}


def file_of(asked: Asked, sections: Mapping[str, api.Section]) -> api.File:
    return api.File(
        subject_id=Id(asked.subject),
        made_at=asked.at,
        is_masked=not asked.reveal,
        is_complete=all(each.state == "complete" for each in sections.values()),
        sections=dict(sections),
    )


def _section(name: str, state: api.State, records: list[FileRecord]) -> api.Section:
    return api.Section(title=_TITLES[name], state=state, records=records)


async def _account(session: ReadSession, asked: Asked) -> list[FileRecord]:
    person, vouched = await _person(session, asked)
    fields = [
        FileField.personal("name", "姓名 name", person.name, masked=person.name.masked(), reveal=asked.reveal, **vouched),
        FileField.personal(
            "phone",
            "手机号 phone",
            person.phone,
            masked=person.phone.masked(),
            source="sms-code",
            at=person.registered_at,
            reveal=asked.reveal,
        ),
        FileField(name="assurance", title="实名等级 assurance", value=str(int(person.assurance)), source="identity", at=asked.at),
        FileField(
            name="registered_at",
            title="注册时间 registered",
            value=person.registered_at.isoformat(),
            source="identity",
            at=person.registered_at,
        ),
    ]
    return [FileRecord(id=person.id, title=_TITLES["account"], fields=fields)]


async def _documents(session: ReadSession, asked: Asked) -> list[FileRecord]:
    person, vouched = await _person(session, asked)
    number, reveal = person.resident_id, asked.reveal
    birth_on = number.birth_date.isoformat()
    fields = [
        FileField.personal("number", "证件号码 number", number, masked=number.masked(), reveal=reveal, **vouched),
        FileField.personal("sex", "性别 sex", number.sex, reveal=reveal, masked="***", **vouched),
        FileField.personal("birth_on", "出生日期 date of birth", birth_on, reveal=reveal, masked=f"{birth_on[:4]}-**-**", **vouched),
    ]
    return [FileRecord(id="resident_id", title="居民身份证 resident identity card", fields=fields)]


async def _person(session: ReadSession, asked: Asked) -> tuple[Person, dict[str, Any]]:
    """The person, and who vouches for name and number since when: the population base, else the person."""
    person = await Persons(session, asked.sealer).get(PersonId(asked.subject))
    proven = (verifications.c.person_id == person.id) & (verifications.c.method == "real_name")
    newest = select(verifications.c.provider, verifications.c.at).where(proven).order_by(verifications.c.id.desc()).limit(1)
    row = (await session.execute(newest)).one_or_none()
    return person, {"source": row.provider, "at": row.at} if row else {"source": "declared", "at": person.registered_at}


async def _verifications(session: ReadSession, asked: Asked) -> list[FileRecord]:
    rows = await session.execute(
        select(verifications).where(verifications.c.person_id == asked.subject).order_by(verifications.c.id.desc())
    )
    return [FileRecord(id=str(row.id), title=_METHODS.get(row.method, row.method), fields=_proof(row)) for row in rows]


def _proof(row: Row[Any]) -> list[FileField]:
    said = (("method", "核验方式 method", row.method), ("reference", "核验编号 reference", row.reference))
    found = [FileField(name=name, title=title, value=value, source=row.provider, at=row.at) for name, title, value in said]
    reached = str(int(Assurance(row.assurance)))
    return [*found, FileField(name="assurance", title="实名等级 assurance", value=reached, source="identity", at=row.at)]


async def _devices(session: ReadSession, asked: Asked) -> list[FileRecord]:
    """Where the person is signed on now."""
    return [
        FileRecord(
            id=each.id,
            title=each.device or "未知设备 unknown device",
            fields=[
                FileField(name=name, title=title, value=moment.isoformat(), source="identity", at=each.last_seen_at or each.signed_on_at)
                for name, title, moment in (
                    ("signed_on_at", "登录时间 signed on", each.signed_on_at),
                    ("expires_at", "有效期至 until", each.expires_at),
                    ("last_seen_at", "最近使用 last seen", each.last_seen_at),
                )
                if moment
            ],
        )
        for each in await Sessions(session).live_of(PersonId(asked.subject), asked.at)
    ]


async def _organisation(session: ReadSession, asked: Asked) -> list[FileRecord]:
    """What is public of a legal person is not masked; its representative is a natural person."""
    query = select(organisations, persons.c.name.label("representative_name")).join(persons, persons.c.id == organisations.c.representative)
    row = (await session.execute(query.where(organisations.c.id == asked.subject))).one_or_none()
    if row is None:
        raise NoSuchOrganisation
    representative = PersonName(asked.sealer.open(row.representative_name))
    since: dict[str, Any] = {"source": "identity", "at": row.registered_at}
    public = (
        ("name", "名称 name", row.name),
        ("credit_code", "统一社会信用代码 credit code", row.credit_code),
        ("status", "账号状态 status", row.status),
        ("assurance", "实名等级 assurance", str(row.assurance)),
    )
    fields = [
        *(FileField(name=name, title=title, value=value, **since) for name, title, value in public),
        FileField.personal(
            "representative", "法定代表人 representative", representative, masked=representative.masked(), reveal=asked.reveal, **since
        ),
    ]
    return [FileRecord(id=row.id, title=row.name, fields=fields)]


def _consent(given: api.Consent) -> FileRecord:
    withdrawn = given.withdrawn_at.isoformat() if given.withdrawn_at else None
    said = (
        ("kind", "类别 kind", given.kind),
        ("purpose", "用途 purpose", given.purpose),
        ("items", "范围 items", "；".join(given.items)),
        ("case", "办件编号 case", given.case_number),
        ("withdrawn_at", "撤回时间 withdrawn", withdrawn),
    )
    fields = [FileField(name=name, title=title, value=value, source="declared", at=given.given_at) for name, title, value in said if value]
    return FileRecord(id=given.consent_id, title=given.to, fields=fields)


OF_PERSON: Final[Mapping[str, Section]] = {
    "account": _account,
    "documents": _documents,
    "verifications": _verifications,
    "devices": _devices,
}
OF_ORGANISATION: Final[Mapping[str, Section]] = {"account": _organisation}
