from contracts.api import application as api
from services.application.domain.lifecycle import Status
from services.application.domain.packages import PackageCase, Step, StepStatus


def presented(case: PackageCase) -> api.PackageCase:
    return api.PackageCase(
        number=case.number,
        code=case.code,
        version=case.version,
        name=case.name,
        situation=case.situation,
        status="closed" if case.closed_at else "running",
        submitted_at=case.submitted_at,
        due_on=case.due.on,
        is_due_provisional=case.due.is_provisional,
        closed_at=case.closed_at,
        steps=[_step(each) for each in case.steps],
        illustrative=case.is_illustrative,
    )


def _step(step: Step) -> api.PackageStep:
    """A number that was taken for a case that is not there yet is not shown."""
    has_case = step.status in {StepStatus.RUNNING, StepStatus.GRANTED, StepStatus.ENDED}
    return api.PackageStep(
        code=step.code,
        name=step.name,
        # Who reads packages knows no other word for a step that is over without a grant.
        status="ended" if step.status is StepStatus.WITHDRAWN else step.status.value,
        zh=step.status.zh,
        en=step.status.en,
        after=list(step.after),
        number=step.number if has_case else None,
        held_up_by=list(step.held_up_by),
    )


def kept(step: Step, status: Status | None) -> api.KeptStep:
    """Why a step is not withdrawn: what its case, or the step itself, has come to."""
    why = status or step.status
    shown = _step(step)
    return api.KeptStep(
        code=step.code, name=step.name, number=shown.number, zh=f"{why.zh}，不能撤回", en=f"{why.en}: it can no longer be withdrawn"
    )
