"""What a case waits for now, in words. ADR-0048."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from services.application.domain.lifecycle import Status

Whom = Literal["applicant", "agency", "certificate", "nobody"]
Term = Literal["intake", "correction", "step", "promise", "suspension", "result"]


@dataclass(frozen=True, slots=True)
class Wait:
    """`term` is the one that runs meanwhile."""

    whom: Whom
    zh: str
    en: str
    term: Term | None = None


_WAITS: Final = {
    Status.SUBMITTED: Wait("agency", "等待承办单位受理", "waits for the agency: intake", "intake"),
    Status.PREREVIEW: Wait("agency", "等待承办单位预审", "waits for the agency: pre-review", "intake"),
    Status.CORRECTION: Wait("applicant", "等待您补正告知的内容", "waits for you: supply what the notice names", "correction"),
    Status.ACCEPTED: Wait("agency", "等待承办单位审查", "waits for the agency: review", "promise"),
    Status.REVIEWING: Wait("agency", "等待承办单位作出决定", "waits for the agency: the decision", "promise"),
    Status.SUSPENDED: Wait("agency", "等待特别程序结束", "waits for the end of a special procedure", "suspension"),
    Status.GRANTED: Wait("certificate", "等待制作办理结果", "waits for the result to be made", "result"),
    Status.REFUSED: Wait("agency", "等待送达决定", "waits for the decision to be delivered", "result"),
    Status.PRODUCING: Wait("certificate", "等待制证完成", "waits for the result to be made", "result"),
    Status.DELIVERING: Wait("agency", "等待送达", "waits for delivery", "result"),
}
_OVER: Final = Wait("nobody", "已结束，无需等待", "is over: waits for nothing")


def waiting(status: Status, *, procedure: str | None = None) -> Wait:
    """`procedure` is the special one that runs."""
    found = _WAITS.get(status, _OVER)
    if status is Status.SUSPENDED and procedure:
        return Wait(found.whom, f"等待特别程序结束：{procedure}", f"waits for the end of a special procedure: {procedure}", found.term)
    return found


def with_until(wait: Wait, until: datetime | None) -> tuple[str, str]:
    """The words, with the day until which, where there is one."""
    if until is None:
        return wait.zh, wait.en
    return f"{wait.zh}，最迟 {until:%Y-%m-%d}", f"{wait.en}, until {until:%Y-%m-%d}"
