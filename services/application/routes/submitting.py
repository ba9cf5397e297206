"""The one way in 统一收件: whichever channel a submission comes by, it is taken in here and becomes one case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request, Response

from chassis import working_days
from chassis.clock import Clock as ClockProtocol
from chassis.database import Database as DatabaseOfService
from chassis.database import Grouped, WriteSession
from chassis.errors import NotFound
from chassis.http import Caller
from chassis.http.idempotency import OnceOnly, once_of
from chassis.http.together import Together
from chassis.sealing import Sealer as DataSealer
from chassis.working_days import local_day
from contracts.api import application as api
from contracts.api.catalogue import Channel, Definition
from contracts.api.identity.credit import CreditStanding
from contracts.values import CaseNumber, CreditCode, DivisionCode
from services.application.commands import approval, intake
from services.application.domain.allowances import IntakeLimits
from services.application.domain.applicant import Applicant
from services.application.domain.changes import changed
from services.application.domain.intake import FormIsOutOfDate, check_materials, filled
from services.application.domain.lifecycle import Actor
from services.application.domain.materials import (
    CERTIFICATES,
    CaseMaterial,
    Held,
    check_promises,
    claimed_down,
    got_by_the_city,
    is_promised,
    kept,
    reasons,
)
from services.application.domain.obtained import obtained
from services.application.domain.units import check_city_wide
from services.application.neighbours import Asked
from services.application.queries.materials import owed
from services.application.queries.presented import presented
from services.application.repository import outages_since, see_outage
from services.application.repository.numbers import Wanted
from services.application.routes.accesses import Accounted
from services.application.routes.dependencies import disclosed


@dataclass(frozen=True, slots=True)
class Received:
    """By which channel a submission comes, who took it in, and whose files may be given with it."""

    channel: Channel
    by: Actor
    owners: Sequence[intake.Owner]
    receiving_unit: CreditCode | None = None
    receiving_division: DivisionCode | None = None


@dataclass(frozen=True, slots=True)
class IntakeDesk:
    database: DatabaseOfService
    clock: ClockProtocol
    once: OnceOnly
    together: Together
    numbers: Grouped[Wanted, CaseNumber]
    sealer: DataSealer
    limits: IntakeLimits

    async def take_in(self, body: api.Submit, applicant: Applicant, asked: Asked, how: Received) -> Response:
        """Nobody is asked for data before the case has its number, and nothing that cannot be undone is done before all is checked."""
        if earlier := await self.together.stored(self.once):
            return earlier
        at = self.clock.now()
        if body.place:
            body = body.model_copy(update={"task_code": await asked.competent(body.task_code, body.place)})
        definition = await asked.definition(body.task_code, situation=body.situation)
        await asked.check_served(applicant, definition)
        for division in (how.receiving_division, body.collect_in):
            check_city_wide(definition, division)
        await _check_version(body, definition, asked)
        check_materials(definition.materials, body.materials)
        down = await self._named(body, definition, applicant, how.owners, at=at)
        number = await self.numbers.write(Wanted(self.once.request_digest, body.task_code, at))
        async with Accounted(asked, self.database, self.clock) as account:
            profile = await asked.applicant(applicant, purpose=number, with_credit=is_promised(body.materials))
            agent_name = await asked.agent_name(applicant, purpose=number)
            values = filled(definition, body.values, profile, at=at)
            materials, held = await self.gathered(asked, applicant, number, definition, body.materials, down, at=at, credit=profile.credit)
            said = intake.Submission(
                number=number,
                definition=definition,
                applicant=applicant,
                profile=profile,
                values=(*values, *obtained(definition, number, materials, at=at)),
                materials=[*materials, *got_by_the_city(definition, body.materials)],
                given=body.materials,
                channel=how.channel,
                by=how.by,
                agent_name=agent_name,
                receiving_unit=how.receiving_unit,
                receiving_division=how.receiving_division,
                delivering_division=body.collect_in,
                draft_id=body.draft_id,
                judgement_id=body.judgement_id,
            )

            is_ready = await _is_ready(asked, definition, said)

            async def work(session: WriteSession) -> api.Case:
                case = await intake.submit(session, said, self.sealer, at=at)
                kept = (said.values, said.materials)
                case = await approval.consider(session, case, definition, *kept, self.sealer, is_ready=is_ready, at=at)
                if held.is_away:
                    await see_outage(session, CERTIFICATES, at=at)
                await account.tell(session)
                return presented(case, missing=owed(materials, local_day(at)))

            answer = await self.together.answer(self.once, work, status=201)
        return disclosed(answer, applicant, purpose=number, items=("申报 submission",))

    async def _named(
        self, body: api.Submit, definition: Definition, applicant: Applicant, owners: Sequence[intake.Owner], *, at: datetime
    ) -> Mapping[str, str]:
        """Check what was stored here before and is named now; of the sources that are said to be down, the evidence."""
        down = claimed_down(definition, body.materials)
        if not (down or body.draft_id or body.judgement_id or intake.file_ids(body.materials)):
            return {}
        async with self.database.reading() as session:
            await intake.check_given_with(
                session, body, definition, applicant, owners, self.sealer, limit_bytes=self.limits.case_files_bytes
            )
            return await outages_since(session, down, at - self.limits.outage_explains)

    async def gathered(
        self,
        asked: Asked,
        applicant: Applicant,
        number: CaseNumber,
        definition: Definition,
        given: Sequence[api.GivenMaterial],
        down: Mapping[str, str],
        *,
        at: datetime,
        credit: CreditStanding | None = None,
    ) -> tuple[list[CaseMaterial], Held]:
        """The materials as they are given; certificates are used last. The applicant's `credit`, where it was asked for already.

        Raises: CommitmentBarred, MaterialIsHeld, SourceIsNotDown, CertificateUseRefused, Unavailable.
        """
        if is_promised(given):
            check_promises(given, credit or await asked.credit(applicant, purpose=number))
        held = await asked.held(applicant.person, number, definition, given)
        why = reasons(definition, given, held, down)
        copies = await asked.certificate_materials(applicant.person, number, definition, given, held)
        return kept(definition, given, copies, why, day=local_day(at), calendar=working_days.known()), held


async def _is_ready(asked: Asked, definition: Definition, said: intake.Submission) -> bool:
    """Whether a table may grant the case at once: its certificate, if it earns one, says nothing that only an officer knows."""
    if definition.approval is None or definition.result_certificate_type is None:
        return definition.approval is not None
    return not await asked.content_errors(definition.result_certificate_type, approval.content_of(said.values))


async def _check_version(wanted: api.Submit, definition: Definition, asked: Asked) -> None:
    """Raises FormIsOutOfDate, which says what the published form asks otherwise than the one that was filled in."""
    if wanted.version == definition.version:
        return
    try:
        before = await asked.definition(wanted.task_code, version=wanted.version, situation=wanted.situation)
    except NotFound:
        raise FormIsOutOfDate(version=definition.version) from None
    raise FormIsOutOfDate(version=definition.version, changed=changed(before, definition).model_dump(exclude={"version"}))


async def desk_of(request: Request, caller: Caller) -> IntakeDesk:
    """As a dependency, or for a light route, which has nothing but them."""
    state = request.app.state
    once = await once_of(request, caller, state.database, state.clock)
    return IntakeDesk(state.database, state.clock, once, state.together, state.numbers, state.sealer, state.limits)


OpenDesk = Annotated[IntakeDesk, Depends(desk_of)]
