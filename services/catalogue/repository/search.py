"""What is found, written where it is published; every process reads it into its own index. Source: ADR-0040."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Row, Text, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession, WriteSession
from contracts.api.catalogue import Agency, FormField, Matter
from services.catalogue.domain import guiding
from services.catalogue.domain.forms import quick_situations, sources_of
from services.catalogue.domain.levels import terms_of
from services.catalogue.domain.matters import provenance_of
from services.catalogue.domain.search.entries import Entry, Key, Place
from services.catalogue.repository.stored import unreadable
from services.catalogue.tables import search_documents

_AGENCY: Final = "agency"
_THIS_TRANSACTION: Final = cast(cast(func.pg_current_xact_id(), Text), BigInteger)
_OLDEST_RUNNING: Final = cast(cast(literal_column("pg_snapshot_xmin(pg_current_snapshot())"), Text), BigInteger)


class SearchIndex:
    """What can be found from the commit on; the caller's transaction publishes or withdraws it at the same time."""

    def __init__(self, session: WriteSession) -> None:
        self._session = session

    async def put_entries(self, entries: Iterable[Entry]) -> None:
        """Whatever is found, as it is now in force: packages and guides have no places."""
        await self._write([_row(each.kind, each.code, _said(each)) for each in entries])

    async def put_agencies(self, agencies: Iterable[Agency]) -> None:
        """Results name the agency; what it is called may change without a matter being published again."""
        await self._write([_row(_AGENCY, each.code, {"name": each.name}) for each in agencies])

    async def remove(self, kind: str, code: str) -> None:
        """It is no longer found; the row stays, so that every process learns of it."""
        gone = search_documents.update().where(search_documents.c.kind == kind, search_documents.c.code == code)
        await self._session.execute(gone.values(is_removed=True, changed=_THIS_TRANSACTION))

    async def _write(self, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        insert = upsert(search_documents)
        again = {"said": insert.excluded.said, "is_removed": False, "changed": _THIS_TRANSACTION}
        await self._session.execute(insert.on_conflict_do_update(index_elements=["kind", "code"], set_=again), rows)


class Change(NamedTuple):
    """An entry, the name of an agency, or None where it is no longer found, or cannot be read."""

    key: Key
    changed: int
    now: Entry | str | None
    is_readable: bool = True


async def changes(session: ReadSession, since: int) -> tuple[list[Change], int]:
    """What transactions from `since` on have written, and what to ask for next time.

    A transaction that still ran when this was asked may have an earlier number than one that was seen: whatever is not older than
    the oldest running one is read again.
    """
    columns = (search_documents, _OLDEST_RUNNING.label("oldest"))
    rows = (await session.execute(select(*columns).where(search_documents.c.changed >= since))).all()
    return [_change(row) for row in rows], rows[0].oldest if rows else since


def _change(row: Row[Any]) -> Change:
    key = (row.kind, row.code)
    if row.is_removed:
        return Change(key, row.changed, None)
    try:
        return Change(key, row.changed, _now(row.kind, row.code, row.said))
    except (KeyError, TypeError, ValueError) as error:
        unreadable("search_documents", key, error)
        return Change(key, row.changed, None, is_readable=False)


def entry_of(matter: Matter, form: Sequence[FormField], areas: Mapping[str, str]) -> Entry:
    """A matter with the fields of its form; `areas` are those of agencies."""
    places = [Place(each.task_code, terms_of(matter, each.task_code, areas).promised.working_days) for each in matter.implementations]
    return Entry(
        kind="matter",
        code=matter.basic_code,
        name=matter.name,
        aliases=tuple(matter.aliases),
        themes=tuple(matter.themes),
        served=tuple(matter.served),
        channels=tuple(matter.channels),
        is_immediate=matter.is_immediate,
        visits=matter.visits,
        is_haoban=guiding.is_good(matter, sourced=sources_of(form, matter)),
        is_kuaiban=bool(quick_situations(matter, form)),
        illustrative=provenance_of(matter) == "illustrative",
        places=tuple(places),
        text=_text(matter),
    )


def _text(matter: Matter) -> str:
    """What a guide is searched by beside its names."""
    results, materials = [each.name for each in matter.results], [each.name for each in matter.materials]
    return " ".join([*matter.themes, *matter.life_events, *results, *materials, *(each.text for each in matter.conditions)])


def _row(kind: str, code: str, said: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "code": code, "said": said, "is_removed": False}


def _said(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "aliases": entry.aliases,
        "themes": entry.themes,
        "served": entry.served,
        "channels": entry.channels,
        "is_immediate": entry.is_immediate,
        "visits": entry.visits,
        "is_haoban": entry.is_haoban,
        "is_kuaiban": entry.is_kuaiban,
        "illustrative": entry.illustrative,
        "text": entry.text,
        "places": [[each.task_code, each.promised] for each in entry.places],
    }


def _now(kind: Any, code: str, said: dict[str, Any]) -> Entry | str:
    if kind == _AGENCY:
        return str(said["name"])
    places = tuple(Place(task_code, promised) for task_code, promised in said.pop("places"))
    several = {name: tuple(said[name]) for name in ("aliases", "themes", "served", "channels")}
    return Entry(kind=kind, code=code, **{**said, **several, "places": places})
