import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select, true

from chassis.database import ReadSession
from chassis.working_days import SHANGHAI
from contracts.api import catalogue as api
from contracts.values import BasicCode, CreditCode, DivisionCode, TaskCode
from services.catalogue.domain import guiding
from services.catalogue.domain.competence import Seat, competent
from services.catalogue.domain.forms import (
    applying_to,
    form_of,
    materials_in,
    quick_situations,
    schema_of,
    situation_of,
    sources_of,
)
from services.catalogue.domain.levels import Terms, delegated, terms_of
from services.catalogue.domain.lifecycle import check_usable
from services.catalogue.domain.matters import NOTICE, NoSuchMatter, provenance_of
from services.catalogue.tables import agencies, divisions, implementations, standings, versions

_STREET: Final = 5
_AGENCY: Final = (agencies.c.code.label("agency"), agencies.c.division, agencies.c.name.label("agency_name"))


async def guide(session: ReadSession, task_code: TaskCode, *, at: datetime) -> api.Guide:
    """The guide of an implementation as it is in force. Raises NoSuchMatter, MatterSuspended, MatterRetired."""
    row, matter, terms = await version_of(session, task_code, None, at=at)
    provenance = provenance_of(matter)
    fields = fields_of(row)
    quick = quick_situations(matter, fields)
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
        approval=matter.guiding.approval if matter.guiding else None,
        city_wide_exception=matter.city_wide_exception.text if matter.city_wide_exception else None,
        is_haoban=guiding.is_good(matter, sourced=sources_of(fields, matter)),
        is_kuaiban=bool(quick),
        kuaiban=[code for code in quick if code],
    )


def _at(matter: api.Matter, terms: Terms) -> api.Matter:
    """The matter as it is said at one implementation."""
    local = {name: list(getattr(terms, name)) for name in ("places", "hours", "contacts", "materials")}
    return matter.model_copy(update={**local, "promised": terms.promised})


async def definition(
    session: ReadSession, task_code: TaskCode, *, at: datetime, version: int | None = None, situation: str | None = None
) -> api.Definition:
    """What intake works by: the version in force, or the one a case was started under, whatever became of the matter since.

    Raises NoSuchMatter, NoSuchSituation, and for a new case MatterSuspended and MatterRetired.
    """
    row, matter, terms = await version_of(session, task_code, version, at=at)
    within = situation_of(matter, situation)
    form = form_of(matter, fields_of(row), within, applying_to(matter)[0])
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
        form_schema=schema_of(form),
        field_titles={field.name: f"{field.zh} {field.en}" for field in form.fields},
        field_sources=sources_of(form.fields, matter),
        materials=materials_in(matter, within),
        result_certificate_type=next((result.certificate_type for result in matter.results if result.certificate_type), None),
        illustrative=provenance_of(matter) == "illustrative",
        served=list(matter.served),
        delegated=delegated(terms.delegations, at.astimezone(SHANGHAI).date()),
        situation=situation,
        field_max_age_days={field.name: field.source.max_age_days for field in form.fields if field.source and field.source.max_age_days},
        basis=matter.basis[0].text,
        is_prejudged=matter.guiding is not None and matter.guiding.eligibility is not None,
        is_prereviewed=matter.guiding is not None and bool(matter.guiding.prereview),
        conditions=list(matter.conditions),
        steps=list(matter.steps),
        special_procedures=list(matter.special_procedures),
    )


async def version_of(session: ReadSession, task_code: TaskCode, version: int | None, *, at: datetime) -> tuple[Row[Any], api.Matter, Terms]:
    """The version in force, or the one with this number, as it is said at this implementation.

    Raises NoSuchMatter, and without a number MatterSuspended and MatterRetired.
    """
    row, said = await (in_force(session, task_code, at) if version is None else _version(session, task_code, version))
    terms = terms_of(said, task_code, await areas_of(session, [said]))
    return row, _at(said, terms), terms


def fields_of(row: Row[Any]) -> list[api.FormField]:
    """The fields of the form as the version keeps them."""
    return [api.FormField.model_validate_json(json.dumps(field)) for field in row.form_fields]


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
        .where(of_matter, standings.c.withdrawn_at.is_(None), standings.c.from_at <= at)
        .order_by(standings.c.from_at.desc(), standings.c.id.desc())
        .limit(1)
        .subquery()
    )
    query = (
        select(versions, *_AGENCY, decided)
        .select_from(versions)
        .join(agencies, agencies.c.code == task_code.agency)
        .outerjoin(decided, true())
        .where(versions.c.basic_code == task_code.basic, versions.c.withdrawn_at.is_(None), versions.c.effective_at <= at)
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


async def competence(session: ReadSession, basic_code: BasicCode, place: str) -> api.Competence:
    """By the implementations in force."""
    columns = (implementations.c.task_code, agencies.c.division, agencies.c.area)
    of_matter = implementations.c.basic_code == basic_code
    rows = await session.execute(select(*columns).join(agencies, agencies.c.code == implementations.c.agency).where(of_matter))
    found = competent([Seat(TaskCode(row.task_code), row.division, row.area) for row in rows], place)
    return api.Competence(basic_code=basic_code, place=place, task_code=found.decides, candidates=list(found.candidates))


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
