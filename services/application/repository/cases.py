import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession, WriteSession, put
from chassis.sealing import Sealer
from contracts.api.identity.organisations import OrganisationProfile
from contracts.api.identity.persons import Profile
from contracts.values import CaseNumber, CertificateId, ConsentId
from services.application.domain.applicant import Applicant
from services.application.domain.case import Case, CaseHasChanged, NoSuchCase, Scope
from services.application.domain.intake import FieldValue
from services.application.domain.lifecycle import Act
from services.application.domain.materials import CaseMaterial
from services.application.domain.units import check_unit
from services.application.repository import sight
from services.application.repository.case_rows import CASE_COLUMNS, case_of, founding, state
from services.application.repository.materials import material_of, row_of
from services.application.tables import cases, consents, history, materials

_ADD: Final = insert(cases)
_GIVE: Final = insert(materials)
_OF_FIELD: Final = tuple(each.name for each in fields(FieldValue))
_NUMBERS: Final = ("resident_id", "document_number", "credit_code")


class Cases:
    """Cases by number, for their applicant or within a handler's scope: what is outside it does not exist."""

    def __init__(self, session: ReadSession, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    async def of_applicant(self, number: CaseNumber, applicant: Applicant, *, lock: bool = False) -> Case:
        """Raises NoSuchCase."""
        return await self._one(select(*CASE_COLUMNS).where(cases.c.number == number, sight.visible(applicant)), lock=lock)

    async def within(self, number: CaseNumber, scope: Scope, *, act: Act | None = None, lock: bool = False) -> Case:
        """A case that the handler sees or, to do this with it, one in which their unit has a part. Raises NoSuchCase, NotTheUnit."""
        if act is None:
            return await self._one(select(*CASE_COLUMNS).where(cases.c.number == number, sight.visible(scope)), lock=lock)
        case = await self.taken_part(number, scope, lock=lock)
        check_unit(case, scope, act)
        return case

    async def taken_part(self, number: CaseNumber, scope: Scope, *, lock: bool = False) -> Case:
        """A case in which the handler's unit has a part, now or not. Raises NoSuchCase."""
        return await self._one(select(*CASE_COLUMNS).where(cases.c.number == number, sight.taking_part(scope)), lock=lock)

    async def numbered(self, number: CaseNumber, *, lock: bool = False) -> Case:
        """For the mesh itself. Raises NoSuchCase."""
        return await self._one(select(*CASE_COLUMNS).where(cases.c.number == number), lock=lock)

    async def add(
        self,
        case: Case,
        applicant: Profile | OrganisationProfile,
        values: Sequence[FieldValue],
        given: Sequence[CaseMaterial],
        *,
        agent_name: str | None = None,
    ) -> None:
        identity = {"name": applicant.name.value, **_numbers_of(applicant)}
        if agent_name:
            identity["agent_name"] = agent_name
        # Who has no number is found by none.
        number = next((identity[name].upper() for name in _NUMBERS if name in identity), "")
        sealed = {
            "applicant": self._seal(identity),
            "applicant_number": self._sealer.seal(number),
            "applicant_key": self._sealer.lookup(number) if number else None,
            "form": self._sealed_form(values),
        }
        session = WriteSession(self._session)
        await put(session, _ADD, founding(case) | state(case) | sealed)
        await put(session, _GIVE, *(row_of(case.id, each, self._sealer) for each in given))

    async def save(self, before: Case, after: Case) -> None:
        """Only from what was read: of two that move a case at once, one does. Raises CaseHasChanged."""
        mine = (cases.c.id == before.id) & (cases.c.revision == before.revision)
        saved = await self._session.execute(update(cases).where(mine).values(state(after)))
        if not saved.rowcount:
            raise CaseHasChanged

    async def put_values(self, case: Case, values: Sequence[FieldValue]) -> None:
        await self._session.execute(update(cases).where(cases.c.id == case.id).values(form=self._sealed_form(values)))

    async def put_materials(self, case: Case, given: Sequence[CaseMaterial]) -> None:
        """Add materials, in the place of earlier ones of the same code."""
        if not given:
            return
        statement = upsert(materials).values([row_of(case.id, each, self._sealer) for each in given])
        anew = {column.name: column for column in statement.excluded if not materials.c[column.name].primary_key}
        await self._session.execute(statement.on_conflict_do_update(constraint="pk_materials", set_=anew))

    async def put_result(self, case: Case, content: dict[str, Any]) -> None:
        await self._session.execute(update(cases).where(cases.c.id == case.id).values(result=self._seal(content)))

    async def form(self, case: Case, *, until: datetime | None = None) -> bytes:
        """Sealed, as it stood at an instant: an act that changed it left in its record what it replaced."""
        if until:
            later = (history.c.case_id == case.id) & (history.c.at > until) & history.c.replaced.is_not(None)
            replaced: bytes | None = (
                await self._session.execute(select(history.c.replaced).where(later).order_by(history.c.id).limit(1))
            ).scalar_one_or_none()
            if replaced is not None:
                return replaced
        form: bytes = (await self._session.execute(select(cases.c.form).where(cases.c.id == case.id))).scalar_one()
        return form

    async def values(self, case: Case, *, until: datetime | None = None) -> tuple[FieldValue, ...]:
        form = self._open(await self.form(case, until=until))
        return tuple(FieldValue(**{**each, "at": datetime.fromisoformat(each["at"])}) for each in form)

    async def applicant(self, case: Case) -> dict[str, str]:
        """`name`; of a person `resident_id` if there is one, `document_type` and `document_number`; of an organisation
        `credit_code`; and the `agent_name`. All as identity vouched for them at the submission."""
        row = (await self._session.execute(select(cases.c.applicant).where(cases.c.id == case.id))).one()
        found: dict[str, str] = self._open(row.applicant)
        return found

    async def result(self, case: Case) -> dict[str, Any] | None:
        """What the certificate of a grant says; none before a grant."""
        row = (await self._session.execute(select(cases.c.result).where(cases.c.id == case.id))).one()
        return self._open(row.result) if row.result else None

    async def materials(self, case: Case) -> list[CaseMaterial]:
        rows = await self._session.execute(select(materials).where(materials.c.case_id == case.id).order_by(materials.c.code))
        return [material_of(row, self._sealer) for row in rows]

    def _sealed_form(self, values: Sequence[FieldValue]) -> bytes:
        # Not `asdict`, which copies every value deeply, and takes longer than to seal them.
        said = [{name: getattr(each, name) for name in _OF_FIELD} | {"at": each.at.isoformat()} for each in values]
        return self._seal(said)

    def _seal(self, value: Any) -> bytes:
        return self._sealer.seal(json.dumps(value, ensure_ascii=False))

    def _open(self, sealed: bytes) -> Any:
        return json.loads(self._sealer.open(sealed))

    async def _one(self, query: Select[Any], *, lock: bool) -> Case:
        row = (await self._session.execute(query.with_for_update() if lock else query)).one_or_none()
        if row is None:
            raise NoSuchCase
        return case_of(row)


async def add_consent(
    session: WriteSession, consent_id: ConsentId, case: Case, certificate_id: CertificateId, purpose: str, *, at: datetime
) -> None:
    """A consent that was withdrawn and is given again holds again."""
    row = {
        "id": consent_id,
        "person_id": case.person,
        "certificate_id": certificate_id,
        "case_number": case.number,
        "purpose": purpose,
        "given_at": at,
    }
    again = {"purpose": purpose, "given_at": at, "withdrawn_at": None}
    statement = upsert(consents).values(row)
    was_withdrawn = consents.c.withdrawn_at.is_not(None)
    await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=again, where=was_withdrawn))


def _numbers_of(applicant: Profile | OrganisationProfile) -> dict[str, str]:
    if isinstance(applicant, OrganisationProfile):
        return {"credit_code": applicant.credit_code.value}
    numbers = {"resident_id": applicant.resident_id.value} if applicant.resident_id else {}
    if applicant.document:
        numbers |= {"document_type": applicant.document.type, "document_number": applicant.document.number}
    return numbers
