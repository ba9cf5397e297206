"""The one way in 统一收件: whichever channel a submission comes by, it is taken in here and becomes one case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Response

from chassis import working_days
from chassis.clock import Clock as ClockProtocol
from chassis.database import Database as DatabaseOfService
from chassis.database import WriteSession
from chassis.errors import NotFound
from chassis.http import Clock, Database, Once, Sealer
from chassis.http.idempotency import OnceOnly
from chassis.sealing import Sealer as DataSealer
from chassis.working_days import local_day
from contracts.api import application as api
from contracts.api.catalogue import Channel, Definition
from contracts.values import CaseNumber, CreditCode, DivisionCode
from services.application.commands import approval, intake
from services.application.domain.allowances import IntakeLimits
from services.application.domain.applicant import Applicant
from services.application.domain.changes import changed
from services.application.domain.intake import FormIsOutOfDate, check_materials, filled
from services.application.domain.lifecycle import Actor
from services.application.domain.materials import CERTIFICATES, CaseMaterial, Held, claimed_down, got_by_the_city, kept, reasons
from services.application.domain.obtained import obtained
from services.application.domain.units import check_city_wide
from services.application.neighbours import Asked
from services.application.queries.materials import owed
from services.application.queries.presented import presented
from services.application.repository import outages_since, see_outage
from services.application.routes.accesses import Accounted
from services.application.routes.dependencies import Limits, disclosed


@dataclass(frozen=True, slots=True)
class Received:
    """By which channel a submission comes, who took it in, and whose files may be given with it."""

    channel: Channel
    by: Actor
    owners: Sequence[intake.Owner]
    receiving_unit: CreditCode | None = None
    receiving_division: DivisionCode | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    database: DatabaseOfService
    clock: ClockProtocol
    once: OnceOnly
    sealer: DataSealer
    limits: IntakeLimits

    async def take_in(self, body: api.Submit, applicant: Applicant, asked: Asked, how: Received) -> Response:
        """Nobody is asked for data before the case has its number, and nothing that cannot be undone is done before all is checked."""
        if earlier := await self.once.stored():
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
        async with self.database.transaction() as session:
            number = await intake.reserve(
                session, self.once.request_digest, body, definition, applicant, how.owners, self.sealer,
                limit_bytes=self.limits.case_files_bytes, at=at,
            )  # fmt: skip
            down = await outages_since(session, claimed_down(definition, body.materials), at - self.limits.outage_explains)
        async with Accounted(asked, self.database, self.clock) as account:
            profile = await asked.applicant(applicant, purpose=number)
            agent_name = await asked.agent_name(applicant, purpose=number)
            values = filled(definition, body.values, profile, at=at)
            materials, held = await self.gathered(asked, applicant, number, definition, body.materials, down, at=at)
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

            answer = await self.once.answer(work, status=201)
        return disclosed(answer, applicant, purpose=number, items=("申报 submission",))

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
    ) -> tuple[list[CaseMaterial], Held]:
        """The materials as they are given; certificates are used last.

        Raises: CommitmentBarred, MaterialIsHeld, SourceIsNotDown, CertificateUseRefused, Unavailable.
        """
        await asked.check_commitments(applicant, given, purpose=number)
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


async def _desk(database: Database, clock: Clock, once: Once, sealer: Sealer, limits: Limits) -> Desk:
    return Desk(database, clock, once, sealer, limits)


OpenDesk = Annotated[Desk, Depends(_desk)]
