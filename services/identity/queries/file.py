"""What the mesh knows of a subject: what identity keeps itself, and what other services answer when they are asked."""

import asyncio
from collections.abc import Mapping
from typing import Final

from chassis.database import ReadSession
from contracts.api.file import FileField, FileRecord
from contracts.api.identity import file as api
from contracts.values import Id, PersonId
from services.identity.neighbours import Keepers
from services.identity.queries.file_sections import OF_ORGANISATION, OF_PERSON, Asked

_KEPT_ELSEWHERE: Final = {
    "application": ("cases", "drafts", "files", "issued"),
    "certificate": ("certificates",),
    "rating": ("ratings",),
}
"""Sections by keeper. A record that says of none which it belongs to is of the first."""
_TITLES: Final = {
    "account": "账号 account",
    "documents": "证件 documents",
    "declared": "自行填报 self-declared",
    "superseded": "历史信息 superseded",
    "verifications": "核验记录 verifications",
    "devices": "登录设备 devices",
    "organisations": "所代表法人 represented organisations",
    "mandates": "授权 mandates",
    "consents": "同意 consents",
    "cases": "办件 cases",
    "drafts": "草稿 drafts",
    "files": "材料库 material library",
    "issued": "文书 issued documents",
    "certificates": "证照 certificates",
    "ratings": "评价 ratings",
}


async def own_sections(session: ReadSession, asked: Asked) -> dict[str, api.Section]:
    """What identity keeps itself. Raises NoSuchPerson, NoSuchOrganisation."""
    known = OF_PERSON if isinstance(asked.subject, PersonId) else OF_ORGANISATION
    return {name: _section(name, "complete", await records(session, asked)) for name, records in known.items()}


async def other_sections(keepers: Keepers, *, reveal: bool) -> dict[str, api.Section]:
    """What other services keep, all asked at once: who is away is named, and the rest is answered."""
    answers = await asyncio.gather(*(keepers.records(service, reveal=reveal) for service in _KEPT_ELSEWHERE))
    found: dict[str, api.Section] = {}
    for names, (state, records) in zip(_KEPT_ELSEWHERE.values(), answers, strict=True):
        by_name: dict[str, list[FileRecord]] = {name: [] for name in names}
        for each in records:
            by_name[each.section if each.section in by_name else names[0]].append(each)
        found |= {name: _section(name, state, those) for name, those in by_name.items()}
    return found


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
