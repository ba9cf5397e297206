"""Operations of handlers, work forms and what was found of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, exists, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession, WriteSession
from contracts.values import Id, OfficerId, PartyId
from services.application.domain.case import Case
from services.application.domain.returned import Kind, NoSuchFinding, NoSuchWorkForm, WorkForm
from services.application.tables import cases, findings, operations, work_forms

_FOUND_AT_ONCE: Final = 200
_RETURNED: Final = "系统：结果已录入 system: the result was entered"


async def operation_of(session: ReadSession, party: PartyId, operation: str) -> tuple[str, bytes] | None:
    """The number of the case that it was about, and the digest of what was said."""
    mine = (operations.c.party == party) & (operations.c.operation == operation)
    row = (await session.execute(select(operations.c.number, operations.c.digest).where(mine))).one_or_none()
    return (row.number, row.digest) if row else None


async def one_at_a_time(session: WriteSession, party: PartyId, operation: str) -> None:
    """Of two that say the same number at once the second waits for the first."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:said, 7))"), {"said": f"{party}/{operation}"})


async def add_operation(
    session: WriteSession, party: PartyId, operation: str, digest: bytes, act: str, case: Case, *, at: datetime
) -> None:
    row = {"party": party, "operation": operation, "number": case.number, "digest": digest, "act": act, "at": at}
    await session.execute(insert(operations).values(row | {"revision": case.revision, "status": case.status.value}))


class WorkForms:
    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def add(self, form: WorkForm) -> None:
        names = ("id", "number", "party", "case_number", "revision", "digest", "issued_by", "issued_at")
        await self._session.execute(insert(work_forms).values({name: getattr(form, name) for name in names}))

    async def of(self, party: PartyId, number: str, *, lock: bool = False) -> WorkForm:
        """Raises NoSuchWorkForm, for another party's as well."""
        query = select(work_forms).where(work_forms.c.number == number, work_forms.c.party == party)
        row = (await self._session.execute(query.with_for_update() if lock else query)).one_or_none()
        if row is None:
            raise NoSuchWorkForm
        return form_of(row)

    async def returned(self, form: WorkForm, by: OfficerId, at: datetime) -> None:
        mine = work_forms.c.id == form.id
        await self._session.execute(update(work_forms).where(mine).values(returned_by=by, returned_at=at))
        late = (findings.c.form_id == form.id) & (findings.c.kind == "unreturned") & findings.c.settled_at.is_(None)
        await self._session.execute(update(findings).where(late).values(settled_at=at, settled_by="system", note=_RETURNED))

    async def outstanding(self, party: PartyId, *, limit: int) -> list[WorkForm]:
        query = select(work_forms).where(work_forms.c.party == party, work_forms.c.returned_at.is_(None))
        rows = await self._session.execute(query.order_by(work_forms.c.issued_at, work_forms.c.id).limit(limit))
        return [form_of(row) for row in rows]

    async def counts(self, party: PartyId, begin: datetime) -> tuple[int, int]:
        """How many were issued and how many came back in the day that begins so."""
        end = begin + timedelta(days=1)
        mine = work_forms.c.party == party
        issued = mine & (work_forms.c.issued_at >= begin) & (work_forms.c.issued_at < end)
        returned = mine & (work_forms.c.returned_at >= begin) & (work_forms.c.returned_at < end)
        query = select(func.count().filter(issued), func.count().filter(returned)).select_from(work_forms)
        row = (await self._session.execute(query)).one()
        return row[0], row[1]


async def find(session: WriteSession, form_id: Id, kind: Kind, at: datetime) -> None:
    """What was found once more is open once more."""
    row = {"id": Id.new(), "form_id": form_id, "kind": kind, "found_at": at, "times": 1}
    again = {"times": findings.c.times + 1, "found_at": at, "settled_at": None, "settled_by": None, "note": None}
    await session.execute(upsert(findings).values(row).on_conflict_do_update(index_elements=["form_id", "kind"], set_=again))


async def settle(session: WriteSession, party: PartyId, finding: Id, by: OfficerId, note: str, at: datetime) -> Row[Any]:
    """Raises NoSuchFinding."""
    mine = findings.c.form_id.in_(select(work_forms.c.id).where(work_forms.c.party == party))
    open_one = (findings.c.id == finding) & findings.c.settled_at.is_(None) & mine
    settled = await session.execute(update(findings).where(open_one).values(settled_at=at, settled_by=by, note=note))
    if not settled.rowcount:
        raise NoSuchFinding
    return (await session.execute(found().where(findings.c.id == finding))).one()


async def reconcile(session: WriteSession, at: datetime, *, returned_within: timedelta) -> int:
    """Find forms that are out for too long, and those whose case moved otherwise. How many were found."""
    known = exists().where(findings.c.form_id == work_forms.c.id)
    out = work_forms.c.returned_at.is_(None)
    late = select(work_forms.c.id).where(out, work_forms.c.issued_at <= at - returned_within, ~known.where(findings.c.kind == "unreturned"))
    moved = exists().where(cases.c.number == work_forms.c.case_number, cases.c.revision > work_forms.c.revision)
    overtaken = select(work_forms.c.id).where(out, moved, ~known.where(findings.c.kind == "overtaken"))
    count = 0
    kinds: Sequence[tuple[Kind, Any]] = (("unreturned", late), ("overtaken", overtaken))
    for kind, query in kinds:
        for form_id in (await session.execute(query.limit(_FOUND_AT_ONCE))).scalars():
            await find(session, Id(form_id), kind, at)
            count += 1
    return count


def found() -> Any:
    return select(findings, work_forms.c.number, work_forms.c.case_number).join(work_forms, work_forms.c.id == findings.c.form_id)


def form_of(row: Row[Any]) -> WorkForm:
    return WorkForm(
        id=Id(row.id),
        number=row.number,
        party=PartyId(row.party),
        case_number=row.case_number,
        revision=row.revision,
        digest=row.digest,
        issued_by=OfficerId(row.issued_by),
        issued_at=row.issued_at,
        returned_by=OfficerId(row.returned_by) if row.returned_by else None,
        returned_at=row.returned_at,
    )
