import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import WriteSession
from contracts.api.catalogue import Agency, Division, FormField, Matter
from services.catalogue.domain.matters import digest_of
from services.catalogue.domain.search.entries import Entry
from services.catalogue.repository.rendered import Rendered
from services.catalogue.repository.search import SearchIndex, entry_of
from services.catalogue.repository.versions import dictionary, newest
from services.catalogue.tables import agencies, divisions, fields, implementations, matters, standings, versions

_PUBLISHING: Final = 39554
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ROWS: Final = 100
"""So many matters are written by one statement, each of which has a deadline."""
# Columns in the place of rows: a document of thousands is written while everybody else who publishes waits.
_PUT_VERSIONS: Final = text(
    """
    INSERT INTO versions (basic_code, version, content, form_fields, published_at, effective_at)
    SELECT said.code, said.number, said.content::jsonb, said.form::jsonb, :at, said.moment
    FROM unnest(CAST(:codes AS text[]), CAST(:numbers AS integer[]), CAST(:contents AS text[]), CAST(:forms AS text[]),
        CAST(:moments AS timestamptz[])) AS said (code, number, content, form, moment)
    """
)
# The agency, its division and the level are parts of the code of an implementation. Source: GB/T 39554.1-2020.
_PUT_IMPLEMENTATIONS: Final = text(
    """
    INSERT INTO implementations (task_code, basic_code, agency, division, level)
    SELECT said.task, said.code, substr(said.task, 1, 18), substr(said.task, 3, 6), substr(said.task, 19, 1)::smallint
    FROM unnest(CAST(:tasks AS text[]), CAST(:codes AS text[])) AS said (task, code)
    """
)


@dataclass(frozen=True, slots=True)
class Head:
    """The last version published of a matter, in force since or from then on; `state` is that of the matter now.

    `version` is 0 where all were taken back; `last` is the last number that was given out.
    """

    version: int
    digest: bytes
    effective_at: datetime
    state: str = "in_use"
    last: int = 0


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
        return await dictionary(self._session)

    async def put_base(self, some_divisions: Sequence[Division], some_agencies: Sequence[Agency], some_fields: Sequence[FormField]) -> None:
        for table, key, rows in ((divisions, "code", some_divisions), (agencies, "code", some_agencies), (fields, "name", some_fields)):
            if rows:
                adding = upsert(table)
                said = {column.name: adding.excluded[column.name] for column in table.c if column.name != key}
                values = [row.model_dump(mode="json") for row in rows]
                await self._session.execute(adding.on_conflict_do_update(index_elements=[key], set_=said), values)

    async def areas(self) -> dict[str, str]:
        """Agency → the street or community that it serves."""
        rows = await self._session.execute(select(agencies.c.code, agencies.c.area).where(agencies.c.area.is_not(None)))
        return {row.code: row.area for row in rows}

    async def heads(self, basic_codes: Iterable[str] | None = None) -> dict[str, Head]:
        """The last version published of each of these matters, or of all."""
        each = versions.alias()
        last = select(func.max(each.c.version)).where(each.c.basic_code == matters.c.basic_code).scalar_subquery()
        moment = func.coalesce(versions.c.effective_at, _LONG_AGO)
        query = newest(matters.c.basic_code, matters.c.newest, matters.c.digest, moment, matters.c.state, last, also_without=True)
        if basic_codes is not None:
            query = query.where(matters.c.basic_code.in_(list(basic_codes)))
        return {row.basic_code: Head(*row[1:]) for row in await self._session.execute(query)}

    async def version(self, basic_code: str, version: int) -> Matter | None:
        query = select(versions.c.content).where(versions.c.basic_code == basic_code, versions.c.version == version)
        content = (await self._session.execute(query)).scalar_one_or_none()
        return None if content is None else Matter.model_validate_json(json.dumps(content))

    async def publish(self, some: Sequence[tuple[Rendered, Head]], at: datetime) -> None:
        """Put versions behind the others, one of a matter: in force at once, or found by `settle` when their time comes.

        They keep the fields of their forms as they are now.
        """
        for start in range(0, len(some), _ROWS):
            rows = some[start : start + _ROWS]
            now = [(said, head) for said, head in rows if head.effective_at <= at]
            later = [(said, head) for said, head in rows if head.effective_at > at]
            for each in (now, later):
                if each:
                    await self._put_heads([(said.matter, head) for said, head in each], at)
            await self._session.execute(_PUT_VERSIONS, _columns(rows, at))
            await self._put_implementations([said.matter for said, _ in now])
            await self._let_be_found([said.entry for said, _ in now])

    async def _put_heads(self, some: Sequence[tuple[Matter, Head]], at: datetime) -> None:
        """All of them in force already, or none of them yet."""
        rows = []
        for matter, head in some:
            waits = head.effective_at > at
            shown = {"version": 0, "next_at": head.effective_at} if waits else {"version": head.version, "next_at": None}
            rows.append(_shown(matter) | shown | {"basic_code": matter.basic_code, "newest": head.version, "digest": head.digest})
        adding = upsert(matters)
        kept = {"basic_code", "next_at"} if rows[0]["version"] else rows[0].keys() - {"newest", "digest"}
        said: dict[str, Any] = {name: adding.excluded[name] for name in rows[0].keys() - kept}
        said["next_at"] = func.least(matters.c.next_at, adding.excluded.next_at)
        await self._session.execute(adding.on_conflict_do_update(index_elements=["basic_code"], set_=said), rows)

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
        stays = versions.c.withdrawn_at.is_(None)
        last = select(func.max(versions.c.version)).where(of_matter, stays, versions.c.effective_at <= at)
        version = (await self._session.execute(last)).scalar_one() or 0
        if version > shown:
            matter = await self.version(basic_code, version)
            assert matter is not None
            await self._bring_into_force(matter, version)
        next_version = select(func.min(versions.c.effective_at)).where(of_matter, stays, versions.c.effective_at > at)
        decided = (standings.c.basic_code == basic_code, standings.c.withdrawn_at.is_(None))
        next_state = select(func.min(standings.c.from_at)).where(*decided, standings.c.from_at > at)
        now = {
            "state": func.coalesce(state_of(basic_code, at).scalar_subquery(), "in_use"),
            "next_at": func.least(next_version.scalar_subquery(), next_state.scalar_subquery()),
        }
        await self._session.execute(update(matters).where(matters.c.basic_code == basic_code).values(now))
        if version:
            matter, form = await self._in_force(basic_code, version)
            await self._let_be_found([entry_of(matter, form, await self.areas())])

    async def stand_on_the_last(self, basic_code: str) -> None:
        """What is published next stands on the last version that was not taken back; on nothing where all were."""
        stays = (versions.c.basic_code == basic_code, versions.c.withdrawn_at.is_(None))
        version = (await self._session.execute(select(func.max(versions.c.version)).where(*stays))).scalar_one() or 0
        digest = b""
        if version:
            matter, form = await self._in_force(basic_code, version)
            digest = digest_of(matter, {each.name: each for each in form})
        await self._session.execute(update(matters).where(matters.c.basic_code == basic_code).values(newest=version, digest=digest))

    async def _in_force(self, basic_code: str, version: int) -> tuple[Matter, list[FormField]]:
        query = select(versions.c.content, versions.c.form_fields).where(versions.c.basic_code == basic_code, versions.c.version == version)
        row = (await self._session.execute(query)).one()
        form = [FormField.model_validate_json(json.dumps(each)) for each in row.form_fields]
        return Matter.model_validate_json(json.dumps(row.content)), form

    async def _let_be_found(self, entries: Sequence[Entry]) -> None:
        """Matters as they are in force, unless they are suspended or retired: then nobody finds them."""
        codes = [each.code for each in entries]
        halted = select(matters.c.basic_code).where(matters.c.basic_code.in_(codes), matters.c.state != "in_use")
        hidden = set((await self._session.execute(halted)).scalars())
        index = SearchIndex(self._session)
        await index.put_entries([each for each in entries if each.code not in hidden])
        for code in hidden:
            await index.remove("matter", code)

    async def _bring_into_force(self, matter: Matter, version: int) -> None:
        """From now on the matter is found as this version says it."""
        of_matter = matters.c.basic_code == matter.basic_code
        await self._session.execute(update(matters).where(of_matter).values(_shown(matter) | {"version": version}))
        await self._put_implementations([matter])

    async def _put_implementations(self, some: Sequence[Matter]) -> None:
        """In the place of those that these matters had."""
        if not some:
            return
        codes = [matter.basic_code for matter in some]
        await self._session.execute(delete(implementations).where(implementations.c.basic_code.in_(codes)))
        rows = [(each.task_code, matter.basic_code) for matter in some for each in matter.implementations]
        await self._session.execute(_PUT_IMPLEMENTATIONS, {"tasks": [task for task, _ in rows], "codes": [code for _, code in rows]})


def _columns(rows: Sequence[tuple[Rendered, Head]], at: datetime) -> dict[str, Any]:
    return {
        "at": at,
        "codes": [said.matter.basic_code for said, _ in rows],
        "numbers": [head.version for _, head in rows],
        "contents": [said.content for said, _ in rows],
        "forms": [said.form_fields for said, _ in rows],
        "moments": [head.effective_at for _, head in rows],
    }


def state_of(basic_code: str | ColumnElement[str], at: datetime) -> Select[str]:
    """What was decided last of what holds at a moment; no row: in use."""
    of_matter = (standings.c.basic_code == basic_code, standings.c.withdrawn_at.is_(None))
    query = select(standings.c.state).where(*of_matter, standings.c.from_at <= at)
    return query.order_by(standings.c.from_at.desc(), standings.c.id.desc()).limit(1)


def _shown(matter: Matter) -> dict[str, Any]:
    """What the row of a matter says of the version in force."""
    return {"name": matter.name, "themes": list(matter.themes)}
