import json
from typing import Any

from sqlalchemy import Row, and_, select

from chassis.database import ReadSession
from contracts.api import catalogue as api
from contracts.values import CreditCode, DivisionCode, TaskCode
from services.catalogue.domain.matters import NOTICE, NoSuchMatter, provenance_of
from services.catalogue.tables import agencies, divisions, implementations, matters, versions


async def guide(session: ReadSession, task_code: TaskCode) -> api.Guide:
    """The published guide of an implementation. Raises NoSuchMatter."""
    row, matter = await _published(session, task_code)
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
    )


async def definition(session: ReadSession, task_code: TaskCode, *, version: int | None = None) -> api.Definition:
    """What intake works by: the published version, or the one a case was started under. Raises NoSuchMatter."""
    row, matter = await (_published(session, task_code) if version is None else _version(session, task_code, version))
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
        field_sources={field.name: field.source.path for field in form if field.source},
        materials=matter.materials,
        result_certificate_type=next((result.certificate_type for result in matter.results if result.certificate_type), None),
        illustrative=provenance_of(matter) == "illustrative",
        served=list(matter.served),
    )


async def all_divisions(session: ReadSession) -> list[api.Division]:
    rows = await session.execute(select(divisions).order_by(divisions.c.code))
    return [api.Division.model_validate(row._asdict()) for row in rows]


async def all_agencies(session: ReadSession) -> list[api.Agency]:
    rows = await session.execute(select(agencies).order_by(agencies.c.code))
    return [api.Agency.model_validate(row._asdict()) for row in rows]


async def _published(session: ReadSession, task_code: TaskCode) -> tuple[Row[Any], api.Matter]:
    newest = and_(versions.c.basic_code == matters.c.basic_code, versions.c.version == matters.c.version)
    query = (
        select(implementations, agencies.c.name.label("agency_name"), versions.c.content, versions.c.form_fields, versions.c.version)
        .join(agencies, agencies.c.code == implementations.c.agency)
        .join(matters, matters.c.basic_code == implementations.c.basic_code)
        .join(versions, newest)
        .where(implementations.c.task_code == task_code)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NoSuchMatter
    return row, api.Matter.model_validate_json(json.dumps(row.content))


async def _version(session: ReadSession, task_code: TaskCode, version: int) -> tuple[Row[Any], api.Matter]:
    """A version of a matter, also where a later one has no such implementation any more. Raises NoSuchMatter."""
    agency = (agencies.c.code.label("agency"), agencies.c.division, agencies.c.name.label("agency_name"))
    query = (
        select(versions, *agency)
        .join(agencies, agencies.c.code == task_code.agency)
        .where(versions.c.basic_code == task_code.basic, versions.c.version == version)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None or task_code not in {each["task_code"] for each in row.content["implementations"]}:
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
