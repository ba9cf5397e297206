"""The sections of a file that identity keeps itself. Source: PIPL Art. 45."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import Row, select

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.api.file import FileField, FileRecord
from contracts.api.identity import mandates as api
from contracts.values import Assurance, OrganisationId, PersonId, PersonName
from services.identity.domain.documents import HeldDocument
from services.identity.domain.organisations import NoSuchOrganisation
from services.identity.queries.documents import title_of
from services.identity.queries.mandates import presented
from services.identity.queries.persons import PHONE_SOURCE
from services.identity.repository import Mandates, Organisations, PersonItems, Persons, Sessions
from services.identity.tables import organisations, persons, verifications

_METHODS: Final = {"real_name": "实名核验 real name", "face": "实人核验 real person", "window": "窗口核验 at a window"}


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose file, whether in full, and when."""

    subject: PersonId | OrganisationId
    sealer: Sealer
    reveal: bool
    at: datetime


Section: TypeAlias = Callable[[ReadSession, Asked], Awaitable[list[FileRecord]]]


async def _account(session: ReadSession, asked: Asked) -> list[FileRecord]:
    people, items = Persons(session, asked.sealer), PersonItems(session, asked.sealer)
    person = await people.get(PersonId(asked.subject))
    own: dict[str, Any] = {"source": "identity", "at": person.registered_at}
    fields = [
        FileField(name="assurance", title="实名等级 assurance", value=str(int(person.assurance)), source="identity", at=asked.at),
        FileField(name="registered_at", title="注册时间 registered", value=person.registered_at.isoformat(), **own),
    ]
    if person.phone is not None:
        since = await items.since(person.id, "phone", person.registered_at)
        phone: dict[str, Any] = {"masked": person.phone.masked(), "source": PHONE_SOURCE, "at": since, "reveal": asked.reveal}
        fields.insert(0, FileField.personal("phone", "手机号 phone", person.phone, **phone))
    if person.name is not None and person.main_document is not None:
        since = await items.since(person.id, "name", person.main_document.recorded_at)
        name: dict[str, Any] = {"masked": person.name.masked(), "source": person.main_document.source, "at": since}
        fields.insert(0, FileField.personal("name", "姓名 name", person.name, reveal=asked.reveal, **name))
    merged = [each for each in await people.ids_of(person.id) if each != person.id]
    fields += [FileField(name="also_known_as", title="并入的账号 merged account", value=each, **own) for each in merged]
    return [FileRecord(id=person.id, title="账号 account", fields=fields)]


async def _documents(session: ReadSession, asked: Asked) -> list[FileRecord]:
    person = await Persons(session, asked.sealer).get(PersonId(asked.subject))
    return [_document(each, asked) for each in person.documents]


def _document(held: HeldDocument, asked: Asked) -> FileRecord:
    document = held.document
    vouched: dict[str, Any] = {"source": held.source, "at": held.recorded_at, "reveal": asked.reveal}
    fields = [FileField.personal("number", "证件号码 number", document.number, masked=document.masked(), **vouched)]
    if document.resident_id is not None:
        fields.append(FileField.personal("sex", "性别 sex", document.resident_id.sex, masked="***", **vouched))
    if document.birth_date is not None:
        born = document.birth_date.isoformat()
        fields.append(FileField.personal("birth_on", "出生日期 date of birth", born, masked=f"{born[:4]}-**-**", **vouched))
    if document.country is not None:
        fields.append(FileField.personal("country", "国家 country", document.country, **vouched))
    return FileRecord(id=held.id, title=title_of(document.type), fields=fields)


async def _declared(session: ReadSession, asked: Asked) -> list[FileRecord]:
    """What the person says of themself, for the applications that they allow to read it."""
    person = await Persons(session, asked.sealer).get(PersonId(asked.subject))
    items = PersonItems(session, asked.sealer)
    fields = [
        FileField.personal(
            name, name, value, source="self", at=await items.since(person.id, name, person.registered_at), reveal=asked.reveal
        )
        for name, value in person.declared.items()
        if value is not None
    ]
    return [FileRecord(id=person.id, title="自行填报 self-declared", fields=fields)] if fields else []


async def _superseded(session: ReadSession, asked: Asked) -> list[FileRecord]:
    """Values that others took the place of, documents included."""
    people = Persons(session, asked.sealer)
    known_as = await people.ids_of(PersonId(asked.subject))
    items = [
        (each.item, each.value, each.source, each.since, each.until) for each in await PersonItems(session, asked.sealer).of(*known_as)
    ]
    cards = [
        (f"document:{each.document.type}", each.document.number, each.source, each.recorded_at, each.ended_at)
        for each in await people.documents_of(*known_as, is_ended=True)
    ]
    return [
        FileRecord(
            id=item,
            title=item,
            fields=[
                FileField.personal("value", "原值 value", value, source=source, at=since, reveal=asked.reveal),
                FileField(name="until", title="截至 until", value=until.isoformat() if until else "", source="identity", at=until or since),
            ],
        )
        for item, value, source, since, until in [*items, *cards]
    ]


async def _verifications(session: ReadSession, asked: Asked) -> list[FileRecord]:
    known_as = await Persons(session, asked.sealer).ids_of(PersonId(asked.subject))
    rows = await session.execute(select(verifications).where(verifications.c.person_id.in_(known_as)).order_by(verifications.c.id.desc()))
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


async def _represented(session: ReadSession, asked: Asked) -> list[FileRecord]:
    return [
        FileRecord(
            id=each.id,
            title=each.name,
            fields=[
                FileField(name=name, title=title, value=value, source="identity", at=each.registered_at)
                for name, title, value in (
                    ("credit_code", "统一社会信用代码 credit code", each.credit_code),
                    ("status", "状态 status", each.status),
                )
            ],
        )
        for each in await Organisations(session).represented_by(PersonId(asked.subject))
    ]


async def _mandates(session: ReadSession, asked: Asked) -> list[FileRecord]:
    """Given and held. Names stay masked in a file in full too: that of the other side is the other's."""
    found = await Mandates(session, asked.sealer).of_subject(asked.subject)
    return [
        _mandate(await presented(session, each, asked.sealer, at=asked.at), "held" if each.agent == asked.subject else "given")
        for each in found
    ]


def _mandate(mandate: api.Mandate, side: str) -> FileRecord:
    said = (
        ("side", "授权或受托 given or held", side),
        ("principal", "委托方 principal", mandate.principal.name),
        ("agent", "代办人 agent", mandate.agent_name),
        ("matters", "事项 matters", "；".join(mandate.matters)),
        ("begins_at", "生效时间 from", mandate.begins_at.isoformat()),
        ("ends_at", "有效期至 until", mandate.ends_at.isoformat() if mandate.ends_at else None),
        ("state", "状态 state", mandate.state),
        ("reason", "终止原因 reason", mandate.reason),
    )
    masked = {"agent", "principal"} if mandate.principal.kind == "person" else {"agent"}
    at = mandate.revoked_at or mandate.granted_at
    fields = [
        FileField(name=name, title=title, value=value, source="identity", at=at, is_masked=name in masked)
        for name, title, value in said
        if value
    ]
    return FileRecord(id=mandate.mandate_id, title=f"{mandate.zh} {mandate.en}", fields=fields)


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


OF_PERSON: Final[Mapping[str, Section]] = {
    "account": _account,
    "documents": _documents,
    "declared": _declared,
    "superseded": _superseded,
    "verifications": _verifications,
    "devices": _devices,
    "organisations": _represented,
    "mandates": _mandates,
}
OF_ORGANISATION: Final[Mapping[str, Section]] = {"account": _organisation, "mandates": _mandates}
