import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Text, and_, delete, func, insert, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import WriteSession
from contracts.api.catalogue import Agency, Division, FormField, Matter
from services.catalogue.tables import agencies, divisions, fields, implementations, matters, versions


class Catalogue:
    def __init__(self, session: WriteSession) -> None:
        self._session = session

    async def lock(self) -> None:
        """One import at a time, so that versions are counted without gaps."""
        await self._session.execute(select(func.pg_advisory_xact_lock(39554)))

    async def known(self) -> tuple[set[str], set[str]]:
        """Codes of agencies and divisions."""
        agency_codes, division_codes = [
            set((await self._session.execute(select(column))).scalars()) for column in (agencies.c.code, divisions.c.code)
        ]
        return agency_codes, division_codes

    async def dictionary(self) -> dict[str, FormField]:
        rows = await self._session.execute(select(fields))
        return {row.name: FormField.model_validate_json(json.dumps(row._asdict())) for row in rows}

    async def asking_for(self, names: Iterable[str]) -> list[Matter]:
        """Published matters whose form has one of these fields."""
        newest = and_(versions.c.basic_code == matters.c.basic_code, versions.c.version == matters.c.version)
        has_one = versions.c.content["form"].has_any(array(list(names), type_=Text))
        query = select(versions.c.content).join(matters, newest).where(has_one).order_by(versions.c.basic_code)
        return [Matter.model_validate_json(json.dumps(content)) for content in (await self._session.execute(query)).scalars()]

    async def put_base(self, some_divisions: Sequence[Division], some_agencies: Sequence[Agency], some_fields: Sequence[FormField]) -> None:
        for table, key, rows in ((divisions, "code", some_divisions), (agencies, "code", some_agencies), (fields, "name", some_fields)):
            for row in rows:
                values = row.model_dump(mode="json")
                await self._session.execute(upsert(table).values(values).on_conflict_do_update(index_elements=[key], set_=values))

    async def digests(self) -> dict[str, tuple[int, bytes]]:
        """Basic code → newest version and its digest."""
        rows = await self._session.execute(select(matters.c.basic_code, matters.c.version, matters.c.digest))
        return {row.basic_code: (row.version, row.digest) for row in rows}

    async def publish(self, matter: Matter, form: Sequence[FormField], version: int, digest: bytes, at: datetime) -> None:
        """The next version of a matter. It keeps the fields of its form as they are now."""
        row = {
            "basic_code": matter.basic_code,
            "version": version,
            "digest": digest,
            "name": matter.name,
            "themes": list(matter.themes),
        }
        await self._session.execute(upsert(matters).values(row).on_conflict_do_update(index_elements=["basic_code"], set_=row))
        published = {
            "basic_code": matter.basic_code,
            "version": version,
            "content": matter.model_dump(mode="json"),
            "form_fields": [field.model_dump(mode="json") for field in form],
            "published_at": at,
        }
        await self._session.execute(insert(versions).values(published))
        await self._session.execute(delete(implementations).where(implementations.c.basic_code == matter.basic_code))
        rows = [
            {
                "task_code": each.task_code,
                "basic_code": matter.basic_code,
                "agency": each.task_code.agency,
                "division": each.task_code.agency.division,
                "level": each.task_code.level,
            }
            for each in matter.implementations
        ]
        await self._session.execute(insert(implementations), rows)
