"""窗口收件: an officer takes in what a person brings to a window, or sends by post."""

from dataclasses import replace

from fastapi import Response

from chassis.http import Audience, Caller, Clock, Mesh, Router, guard
from contracts.api import application as api
from contracts.api.identity.standing import KnownApplicant
from contracts.permissions import Permission
from contracts.values import Grade
from services.application.domain.applicant import Applicant
from services.application.domain.intake import PresenceIsNotProven
from services.application.domain.lifecycle import Actor, Role
from services.application.neighbours import Asked
from services.application.routes.accesses import Accounted
from services.application.routes.dependencies import Limits
from services.application.routes.submitting import OpenDesk, Received

router = Router()


@router.post(
    "/window-cases",
    status_code=201,
    response_model=api.Case,
    **guard(Permission.CASE_TAKE_IN, audience=Audience.OPERATOR, grade=Grade.PERSONAL),
)
async def take_in(body: api.WindowSubmit, caller: Caller, clock: Clock, mesh: Mesh, desk: OpenDesk, limits: Limits) -> Response:
    """Take in a submission. At a window its applicant was checked by an officer of the agency just before (`POST /window-checks`).

    Every retry under the same Idempotency-Key answers the same case.
    """
    officer, agency = caller.required_officer(), caller.required_agency()
    looking = Asked(mesh, caller)
    async with Accounted(looking, desk.database, clock):
        found = await looking.at_hand(body)
    if body.channel == "window" and (found.seen_at is None or found.seen_at < clock.now() - limits.presence_proves):
        raise PresenceIsNotProven
    applicant = _applicant(found)
    applicant.check_matter(body.task_code)
    # What the city is asked is asked for the applicant, and the ledger of looks says which officer asked.
    asked = Asked(
        mesh,
        replace(
            caller,
            person=applicant.person,
            organisation=applicant.organisation,
            actor=applicant.actor,
            mandate=applicant.mandate,
            mandate_matters=applicant.matters,
            assurance=found.assurance,
        ),
    )
    by = Actor(Role.WINDOW, caller.party_name, officer)
    return await desk.take_in(
        body, applicant, asked, Received(body.channel, by, (applicant, agency), receiving_unit=agency, receiving_division=caller.division)
    )


def _applicant(found: KnownApplicant) -> Applicant:
    """Who is at the window, or whom they act for."""
    acting = found.acting_for
    if acting is None:
        return Applicant(found.person_id)
    subject = acting.person_id or acting.organisation_id
    assert subject is not None
    return Applicant(subject, found.person_id, acting.mandate_id, tuple(acting.matters))
