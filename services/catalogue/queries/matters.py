import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, case, func, literal, or_, select, true

from chassis.database import ReadSession
from chassis.working_days import SHANGHAI
from contracts.api import catalogue as api
from contracts.strict import Page
from contracts.values import CreditCode, DivisionCode, TaskCode
from services.catalogue.domain.levels import Terms, delegated, terms_of
from services.catalogue.domain.lifecycle import check_usable
from services.catalogue.domain.matters import NOTICE, NoSuchMatter, bigrams, cleaned, provenance_of
from services.catalogue.tables import agencies, divisions, implementations, matters, standings, versions

_PAGE = 20
_STREET: Final = 5
_AGENCY: Final = (agencies.c.code.label("agency"), agencies.c.division, agencies.c.name.label("agency_name"))


async def search(
    session: ReadSession, text: str, *, division: DivisionCode | None, theme: str | None, offset: int, one_each: bool = False
) -> Page[api.Found]:
    """Implementations of matters by name, colloquial name, pinyin or initials, the nearest first; all of them for no text.

    `one_each` finds one implementation of each matter.
    """
    wanted = cleaned(text)
    if text.strip() and not wanted:
        return Page(items=[])
    rank, matches = _match(wanted)
    newest = and_(versions.c.basic_code == matters.c.basic_code, versions.c.version == matters.c.version)
    query = (
        select(matters.c.name, implementations, agencies.c.name.label("agency_name"), versions.c.content)
        .join(implementations, implementations.c.basic_code == matters.c.basic_code)
        .join(agencies, agencies.c.code == implementations.c.agency)
        .join(versions, newest)
        .where(matches, matters.c.state == "in_use")
        .order_by(rank.desc(), func.length(matters.c.name), implementations.c.task_code)
        .limit(_PAGE + 1)
        .offset(offset)
    )
    others = implementations.alias()
    first = select(func.min(others.c.task_code)).where(others.c.basic_code == matters.c.basic_code)
    if division:
        # Whoever lives in a district is also served by the city's own agencies.
        served = [division, f"{division[:2]}0000"]
        query, first = query.where(implementations.c.division.in_(served)), first.where(others.c.division.in_(served))
    if one_each:
        query = query.where(implementations.c.task_code == first.scalar_subquery())
    if theme:
        query = query.where(matters.c.themes.contains([theme]))
    rows = (await session.execute(query)).all()
    said = [api.Matter.model_validate_json(json.dumps(row.content)) for row in rows[:_PAGE]]
    areas = await areas_of(session, said)
    return Page(
        items=[_found(*each, areas) for each in zip(rows, said, strict=False)], next=str(offset + _PAGE) if len(rows) > _PAGE else None
    )


def _match(wanted: str) -> tuple[ColumnElement[Any], ColumnElement[bool]]:
    if not wanted:
        return literal(0), literal(value=True)
    pattern = wanted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    latin = pattern.lower().replace(" ", "")
    in_name, in_keywords = matters.c.name.like(f"%{pattern}%"), matters.c.keywords.like(f"%{pattern}%")
    by_sound = or_(matters.c.pinyin.like(f"%{latin}%"), matters.c.initials.like(f"%{latin}%")) if latin.isascii() else literal(value=False)
    by_pairs, near = _pairs(wanted)
    rank = case((in_name, 4), (in_keywords, 3), (by_sound, 2), else_=0) + near
    return rank, or_(in_name, in_keywords, by_sound, by_pairs)


def _pairs(wanted: str) -> tuple[ColumnElement[bool], ColumnElement[Any]]:
    """Whether a matter shares a pair of characters, and how many of them; text without letters and digits shares none."""
    terms = [f"'{term}'" for term in bigrams(wanted).split()]
    if not terms:
        return literal(value=False), literal(0)
    asked = func.to_tsquery("simple", " | ".join(terms))
    return matters.c.bigrams.bool_op("@@")(asked), func.ts_rank(matters.c.bigrams, asked)


def _found(row: Row[Any], said: api.Matter, areas: Mapping[str, str]) -> api.Found:
    matter = _at(said, terms_of(said, TaskCode(row.task_code), areas))
    return api.Found(
        task_code=TaskCode(row.task_code),
        name=row.name,
        agency=CreditCode(row.agency),
        agency_name=row.agency_name,
        division=DivisionCode(row.division),
        is_immediate=matter.is_immediate,
        visits=matter.visits,
        promised_working_days=matter.promised.working_days,
        illustrative=provenance_of(matter) == "illustrative",
    )


async def guide(session: ReadSession, task_code: TaskCode, *, at: datetime) -> api.Guide:
    """The guide of an implementation as it is in force. Raises NoSuchMatter, MatterSuspended, MatterRetired."""
    row, said = await in_force(session, task_code, at)
    terms = terms_of(said, task_code, await areas_of(session, [said]))
    matter = _at(said, terms)
    provenance = provenance_of(matter)
    return api.Guide(
        task_code=task_code,
        version=row.version,
        agency=CreditCode(row.agency),
        agency_name=row.agency_name,
        division=DivisionCode(row.division),
        provenance=provenance,
        illustrative=provenance == "illustrative",
        notice=NOTICE if provenance == "illustrative" else None,
        matter=matter,
        effective_at=row.effective_at,
        inherits_from=list(terms.line[:-1]),
        delegated=delegated(terms.delegations, at.astimezone(SHANGHAI).date()),
    )


def _at(matter: api.Matter, terms: Terms) -> api.Matter:
    """The matter as it is said at one implementation."""
    local = {name: list(getattr(terms, name)) for name in ("places", "hours", "contacts", "materials")}
    return matter.model_copy(update={**local, "promised": terms.promised})


async def definition(session: ReadSession, task_code: TaskCode, *, at: datetime, version: int | None = None) -> api.Definition:
    """What intake works by: the version in force, or the one a case was started under, whatever became of the matter since.

    Raises NoSuchMatter, and for a new case MatterSuspended and MatterRetired.
    """
    row, said = await (in_force(session, task_code, at) if version is None else _version(session, task_code, version))
    terms = terms_of(said, task_code, await areas_of(session, [said]))
    matter = _at(said, terms)
    form = [api.FormField.model_validate(field) for field in row.form_fields]
    properties = {field.name: {"title": field.zh, **field.value} for field in form}
    return api.Definition(
        task_code=task_code,
        version=row.version,
        name=matter.name,
        matter_type=matter.basic_code.matter_type,
        agency=CreditCode(row.agency),
        agency_name=row.agency_name,
        division=DivisionCode(row.division),
        is_immediate=matter.is_immediate,
        promised_working_days=matter.promised.working_days,
        statutory_working_days=matter.statutory.working_days,
        form_schema={"type": "object", "properties": properties, "required": list(matter.form), "additionalProperties": False},
        field_titles={field.name: f"{field.zh} {field.en}" for field in form},
        field_sources={field.name: field.source for field in form if field.source},
        materials=matter.materials,
        result_certificate_type=next((result.certificate_type for result in matter.results if result.certificate_type), None),
        illustrative=provenance_of(matter) == "illustrative",
        served=list(matter.served),
        delegated=delegated(terms.delegations, at.astimezone(SHANGHAI).date()),
    )


async def all_divisions(session: ReadSession) -> list[api.Division]:
    rows = await session.execute(select(divisions).order_by(divisions.c.code))
    return [api.Division.model_validate(row._asdict()) for row in rows]


async def all_agencies(session: ReadSession) -> list[api.Agency]:
    rows = await session.execute(select(agencies).order_by(agencies.c.code))
    return [api.Agency.model_validate(row._asdict()) for row in rows]


async def in_force(session: ReadSession, task_code: TaskCode, at: datetime) -> tuple[Row[Any], api.Matter]:
    """The last version in force of a matter that is in use, and the agency that implements it.

    Raises NoSuchMatter, MatterSuspended, MatterRetired.
    """
    of_matter = standings.c.basic_code == task_code.basic
    decided = (
        select(standings.c.state, standings.c.reason, standings.c.from_at.label("since"))
        .where(of_matter, standings.c.from_at <= at)
        .order_by(standings.c.from_at.desc(), standings.c.id.desc())
        .limit(1)
        .subquery()
    )
    query = (
        select(versions, *_AGENCY, decided)
        .select_from(versions)
        .join(agencies, agencies.c.code == task_code.agency)
        .outerjoin(decided, true())
        .where(versions.c.basic_code == task_code.basic, versions.c.effective_at <= at)
        .order_by(versions.c.version.desc())
        .limit(1)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None or not _implements(row, task_code):
        raise NoSuchMatter
    check_usable(row.state or "in_use", row.reason, row.since)
    return row, api.Matter.model_validate_json(json.dumps(row.content))


def _implements(row: Row[Any], task_code: TaskCode) -> bool:
    return task_code in {each["task_code"] for each in row.content["implementations"]}


async def areas_of(session: ReadSession, matters_: Iterable[api.Matter]) -> dict[str, str]:
    """Streets and communities by the agencies that serve them, of those which implement these matters."""
    codes = {each.task_code[:18] for matter in matters_ for each in matter.implementations if each.task_code.level >= _STREET}
    if not codes:
        return {}
    rows = await session.execute(select(agencies.c.code, agencies.c.area).where(agencies.c.code.in_(codes), agencies.c.area.is_not(None)))
    return {row.code: row.area for row in rows}


async def _version(session: ReadSession, task_code: TaskCode, version: int) -> tuple[Row[Any], api.Matter]:
    """A version of a matter, also where a later one has no such implementation any more. Raises NoSuchMatter."""
    query = (
        select(versions, *_AGENCY)
        .join(agencies, agencies.c.code == task_code.agency)
        .where(versions.c.basic_code == task_code.basic, versions.c.version == version)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None or not _implements(row, task_code):
        raise NoSuchMatter
    return row, api.Matter.model_validate_json(json.dumps(row.content))


def readiness(guide: api.Guide, held: dict[str, tuple[str, str]] | None) -> api.Readiness:
    """Each material as this person meets it; `held` maps certificate types to name and masked number, None if unknown."""
    materials = [_material(each, held) for each in guide.matter.materials]
    required = {each.code for each in guide.matter.materials if each.is_required}
    complete = all(each.how in {"held", "waived"} for each in materials if each.code in required)
    return api.Readiness(task_code=guide.task_code, materials=materials, complete=complete)


def _material(material: api.Material, held: dict[str, tuple[str, str]] | None) -> api.HeldMaterial:
    if material.exemption in {"commitment", "data_check", "agency_help"}:
        return api.HeldMaterial(code=material.code, name=material.name, how="waived")
    if material.certificate_type is None:
        return api.HeldMaterial(code=material.code, name=material.name, how="upload")
    if held is None:
        return api.HeldMaterial(code=material.code, name=material.name, how="unknown")
    if material.certificate_type not in held:
        return api.HeldMaterial(code=material.code, name=material.name, how="upload")
    name, number = held[material.certificate_type]
    return api.HeldMaterial(code=material.code, name=material.name, how="held", certificate_name=name, number_masked=number)
