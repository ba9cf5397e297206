"""An act that a handler did outside: it happens once under the handler's own number, and once for each work form."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.database import ReadSession, WriteSession
from chassis.sealing import Sealer
from chassis.working_days import local_day
from contracts.api import application as api
from contracts.values import CaseNumber, Id, OfficerId, PartyId
from services.application.domain.case import Case, Scope
from services.application.domain.returned import (
    Kind,
    OperationSaysSomethingElse,
    WorkForm,
    WorkFormAltered,
    WorkFormUsed,
    digest_of,
    new_number,
    said_digest,
)
from services.application.repository import Cases
from services.application.repository.returned import WorkForms, add_operation, find, one_at_a_time, operation_of

_FOUND: dict[type[Exception], Kind] = {WorkFormAltered: "altered", WorkFormUsed: "copied"}


@dataclass(frozen=True, slots=True)
class Outside:
    """Where an act comes from: `operation` is the handler's own number of it, `form` the paper it was done on; `act` its route."""

    party: PartyId
    officer: OfficerId
    scope: Scope
    number: CaseNumber
    act: str
    said: dict[str, Any]
    operation: str | None
    form: api.FormEntered | None

    async def done(self, session: ReadSession, sealer: Sealer) -> Case | None:
        """The case as it is now, if this very act was done under its number. Raises OperationSaysSomethingElse."""
        if self.operation is None or (known := await operation_of(session, self.party, self.operation)) is None:
            return None
        if known != (self.number, self._digest):
            raise OperationSaysSomethingElse
        return await Cases(session, sealer).taken_part(self.number, self.scope)

    async def begin(self, session: WriteSession, sealer: Sealer) -> Case | None:
        """As `done`, and nobody else does it at the same time.

        Raises: OperationSaysSomethingElse, NoSuchWorkForm, WorkFormAltered, WorkFormUsed, WorkFormOvertaken.
        """
        if self.operation is not None:
            await one_at_a_time(session, self.party, self.operation)
            if case := await self.done(session, sealer):
                return case
        if self.form is not None:
            form = await WorkForms(session).of(self.party, self.form.number, lock=True)
            cases = Cases(session, sealer)
            case = await cases.taken_part(self.number, self.scope, lock=True)
            names = (self.form.applicant_name, (await cases.applicant(case))["name"])
            form.check(self.number, case.revision, self.form.check_code, names)
        return None

    async def end(self, session: WriteSession, case: Case, *, at: datetime) -> None:
        if self.operation is not None:
            await add_operation(session, self.party, self.operation, self._digest, self.act, case, at=at)
        if self.form is not None:
            form = await WorkForms(session).of(self.party, self.form.number)
            await WorkForms(session).returned(form, self.officer, at)

    async def note_refusal(self, session: WriteSession, refusal: WorkFormAltered | WorkFormUsed, *, at: datetime) -> None:
        """A form that was copied or altered is found, although the act is refused."""
        assert self.form is not None
        form = await WorkForms(session).of(self.party, self.form.number)
        await find(session, form.id, _FOUND[type(refusal)], at)

    @property
    def _digest(self) -> bytes:
        return said_digest(f"{self.number}/{self.act}", self.said)


async def issue_form(
    session: WriteSession, party: PartyId, number: CaseNumber, scope: Scope, sealer: Sealer, *, by: OfficerId, at: datetime
) -> WorkForm:
    """Raises NoSuchCase."""
    cases = Cases(session, sealer)
    case = await cases.within(number, scope)
    form_number = new_number(local_day(at))
    printed = {"case": number, "revision": case.revision, "applicant": (await cases.applicant(case))["name"], "matter": case.matter_name}
    form = WorkForm(Id.new(), form_number, party, number, case.revision, digest_of(form_number, printed), by, at)
    await WorkForms(session).add(form)
    return form
