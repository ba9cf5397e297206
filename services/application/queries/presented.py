"""A case in the words of the contract."""

from collections.abc import Sequence

from contracts.api import application as api
from services.application.domain.case import Case, Citation, Notice


def presented(case: Case, course: Sequence[api.Step] = (), missing: Sequence[api.Owed] = ()) -> api.Case:
    return api.Case(
        number=case.number,
        task_code=case.task_code,
        matter_name=case.matter_name,
        agency=case.agency,
        agency_name=case.agency_name,
        division=case.division,
        revision=case.revision,
        status=case.status.value,
        submitted_at=case.submitted_at,
        due_on=case.due.on if case.due else None,
        is_due_provisional=bool(case.due and case.due.is_provisional),
        notice=shown_notice(case.asked),
        reason=case.reason,
        grounds=_citations(case.grounds),
        right_agency=_right_agency(case),
        suspended=_suspended(case),
        extended_working_days=case.extension.working_days if case.extension else None,
        hearing=_hearing(case),
        certificate=case.certificate,
        illustrative=case.is_illustrative,
        steps=list(course),
        organisation_id=case.applicant.organisation,
        submitted_by=case.applicant.actor,
        mandate_id=case.applicant.mandate,
        channel=case.channel,
        owed=list(missing),
        fees=[
            api.CaseFee(text=each.text, standard=each.standard, amount_fen=each.amount_fen, asked_at=each.at) for each in case.course.fees
        ],
        renewed_at=case.renews.renewed_at if case.renews else None,
    )


def shown_notice(notice: Notice | None) -> api.Notice | None:
    if notice is None:
        return None
    return api.Notice(
        text=notice.text,
        materials=list(notice.materials),
        fields=list(notice.fields),
        requested_at=notice.requested_at,
        cites=_citations(notice.citations),
        step=notice.step,
    )


def _citations(citations: Sequence[Citation]) -> list[api.Citation]:
    return [api.Citation(ref=each.ref, text=each.text) for each in citations]


def _right_agency(case: Case) -> api.RightAgency | None:
    said = case.intake_refusal
    if said is None or said.agency is None or said.agency_name is None:
        return None
    return api.RightAgency(agency=said.agency, name=said.agency_name)


def _suspended(case: Case) -> api.Suspended | None:
    if not case.suspensions:
        return None
    last = case.suspensions[-1]
    return api.Suspended(
        procedure=last.procedure.value,
        zh=last.procedure.zh,
        en=last.procedure.en,
        reason=last.reason,
        since=last.since,
        expected_working_days=last.expected_days,
        until=last.until,
    )


def _hearing(case: Case) -> api.Heard | None:
    said = case.hearing
    if said is None:
        return None
    return api.Heard(
        told_at=said.told_at,
        ask_until=said.ask_until,
        asked_at=said.asked_at,
        hold_until=said.hold_until,
        held_at=said.held_at,
        opens_at=said.opens_at,
        place=said.place,
        chair=said.chair.name if said.chair else None,
    )
