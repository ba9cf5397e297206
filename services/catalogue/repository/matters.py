import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pypinyin import Style, lazy_pinyin
from sqlalchemy import ColumnElement, Select, Text, and_, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import WriteSession
from contracts.api.catalogue import Agency, Division, FormField, Matter
from services.catalogue.domain.matters import bigrams
from services.catalogue.tables import agencies, divisions, fields, implementations, matters, standings, versions

_PUBLISHING: Final = 39554


@dataclass(frozen=True, slots=True)
class Head:
    """The last version published of a matter, in force since or from then on; `state` is that of the matter now."""

    version: int
    digest: bytes
    effective_at: datetime
    state: str = "in_use"


class Catalogue:
    def __init__(self, session: WriteSession) -> None:
        self._session = session

    async def lock(self) -> None:
        """Nobody else publishes anything until the end, so that a document is compared with what stays as it is."""
        await self._session.execute(select(func.pg_advisory_xact_lock(_PUBLISHING)))

    async def lock_matter(self, basic_code: str) -> None:
        """Nobody else publishes this matter until the end, so that its versions are counted without gaps; others go on."""
        await self._session.execute(select(func.pg_advisory_xact_lock_shared(_PUBLISHING)))
        await self._session.execute(select(func.pg_advisory_xact_lock(_PUBLISHING, func.hashtext(basic_code))))

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
        """Matters whose last version's form has one of these fields."""
        newest = and_(versions.c.basic_code == matters.c.basic_code, versions.c.version == matters.c.newest)
        has_one = versions.c.content["form"].has_any(array(list(names), type_=Text))
        query = select(versions.c.content).join(matters, newest).where(has_one).order_by(versions.c.basic_code)
        return [Matter.model_validate_json(json.dumps(content)) for content in (await self._session.execute(query)).scalars()]

    async def put_base(self, some_divisions: Sequence[Division], some_agencies: Sequence[Agency], some_fields: Sequence[FormField]) -> None:
        for table, key, rows in ((divisions, "code", some_divisions), (agencies, "code", some_agencies), (fields, "name", some_fields)):
            for row in rows:
                values = row.model_dump(mode="json")
                await self._session.execute(upsert(table).values(values).on_conflict_do_update(index_elements=[key], set_=values))

    async def areas(self) -> dict[str, str]:
        """Agency → the street or community that it serves."""
        rows = await self._session.execute(select(agencies.c.code, agencies.c.area).where(agencies.c.area.is_not(None)))
        return {row.code: row.area for row in rows}

    async def heads(self, basic_codes: Iterable[str] | None = None) -> dict[str, Head]:
        """The last version published of each of these matters, or of all."""
        last = and_(versions.c.basic_code == matters.c.basic_code, versions.c.version == matters.c.newest)
        query = select(matters.c.basic_code, matters.c.newest, matters.c.digest, versions.c.effective_at, matters.c.state).join(
            versions, last
        )
        if basic_codes is not None:
            query = query.where(matters.c.basic_code.in_(list(basic_codes)))
        return {row.basic_code: Head(*row[1:]) for row in await self._session.execute(query)}

    async def version(self, basic_code: str, version: int) -> Matter | None:
        query = select(versions.c.content).where(versions.c.basic_code == basic_code, versions.c.version == version)
        content = (await self._session.execute(query)).scalar_one_or_none()
        return None if content is None else Matter.model_validate_json(json.dumps(content))

    async def publish(self, matter: Matter, form: Sequence[FormField], head: Head, at: datetime) -> None:
        """Put a version behind the others: in force at once, or found by `settle` when its time comes.

        It keeps the fields of its form as they are now.
        """
        waits = head.effective_at > at
        row = {"newest": head.version, "digest": head.digest}
        first = _found_by(matter) | row | {"basic_code": matter.basic_code, "version": 0, "next_at": head.effective_at if waits else None}
        later = row | ({"next_at": func.least(matters.c.next_at, head.effective_at)} if waits else {})
        await self._session.execute(upsert(matters).values(first).on_conflict_do_update(index_elements=["basic_code"], set_=later))
        published = {
            "basic_code": matter.basic_code,
            "version": head.version,
            "content": matter.model_dump(mode="json"),
            "form_fields": [field.model_dump(mode="json") for field in form],
            "published_at": at,
            "effective_at": head.effective_at,
        }
        await self._session.execute(insert(versions).values(published))
        if not waits:
            await self._bring_into_force(matter, head.version)

    async def settle(self, at: datetime, limit: int) -> int:
        """Bring into force what is due, at most so many matters that nobody else settles right now; how many they were."""
        due = select(matters.c.basic_code, matters.c.version).where(matters.c.next_at <= at).limit(limit).with_for_update(skip_locked=True)
        rows = (await self._session.execute(due)).all()
        for row in rows:
            await self._settle_one(row.basic_code, row.version, at)
        return len(rows)

    async def settle_one(self, basic_code: str, at: datetime) -> None:
        row = await self._session.execute(select(matters.c.version).where(matters.c.basic_code == basic_code).with_for_update())
        await self._settle_one(basic_code, row.scalar_one(), at)

    async def _settle_one(self, basic_code: str, shown: int, at: datetime) -> None:
        of_matter = versions.c.basic_code == basic_code
        last = select(func.max(versions.c.version)).where(of_matter, versions.c.effective_at <= at)
        version = (await self._session.execute(last)).scalar_one() or 0
        if version > shown:
            matter = await self.version(basic_code, version)
            assert matter is not None
            await self._bring_into_force(matter, version)
        next_version = select(func.min(versions.c.effective_at)).where(of_matter, versions.c.effective_at > at)
        next_state = select(func.min(standings.c.from_at)).where(standings.c.basic_code == basic_code, standings.c.from_at > at)
        now = {
            "state": func.coalesce(state_of(basic_code, at).scalar_subquery(), "in_use"),
            "next_at": func.least(next_version.scalar_subquery(), next_state.scalar_subquery()),
        }
        await self._session.execute(update(matters).where(matters.c.basic_code == basic_code).values(now))

    async def _bring_into_force(self, matter: Matter, version: int) -> None:
        """From now on the matter is found as this version says it."""
        of_matter = matters.c.basic_code == matter.basic_code
        await self._session.execute(update(matters).where(of_matter).values(_found_by(matter) | {"version": version}))
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


def state_of(basic_code: str | ColumnElement[str], at: datetime) -> Select[str]:
    """What was decided last of what holds at a moment; no row: in use."""
    of_matter = standings.c.basic_code == basic_code
    query = select(standings.c.state).where(of_matter, standings.c.from_at <= at)
    return query.order_by(standings.c.from_at.desc(), standings.c.id.desc()).limit(1)


def _found_by(matter: Matter) -> dict[str, Any]:
    """The columns by which a matter is searched."""
    keywords = " ".join([matter.name, *matter.aliases])
    readings = [_pinyin(each) for each in (matter.name, *matter.aliases)]
    return {
        "name": matter.name,
        "keywords": keywords,
        "pinyin": " ".join(full for full, _ in readings),
        "initials": " ".join(initials for _, initials in readings),
        "bigrams": func.to_tsvector("simple", bigrams(keywords)),
        "themes": list(matter.themes),
    }


def _pinyin(text: str) -> tuple[str, str]:
    """Full pinyin and initials, run together: 养犬 → yangquan, yq."""
    return "".join(lazy_pinyin(text)), "".join(lazy_pinyin(text, style=Style.FIRST_LETTER))
