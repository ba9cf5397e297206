"""Who saw what is on disk before an answer with personal data leaves; otherwise it does not leave."""

from typing import Any, Final

from chassis.errors import Unavailable
from chassis.http.client import Disclosure
from contracts.headers import DATA_ACCESS
from contracts.problems import common
from contracts.problems import gateway as problems
from contracts.values import CaseNumber
from gateway.decision import Decision, Deny, Ledger

_DATA_ACCESS: Final = DATA_ACCESS.encode()


def statement(headers: list[tuple[bytes, bytes]]) -> bytes | None:
    """What a service says of the personal data in its answer; None when there is none."""
    for name, value in headers:
        if name == _DATA_ACCESS:
            return value
    return None


async def witnessed(decision: Decision, said: bytes, ledger: Ledger) -> Deny | None:
    """The refusal that leaves instead of the answer, or None. The decision is then with the ledger, once, in either case."""
    decision.is_kept = True
    try:
        decision.access = _access(said)
        # A submission has no case in its path: it becomes one, and its answer says which.
        decision.case_number = decision.case_number or CaseNumber.read(decision.access["purpose"])
    except (ValueError, LookupError, TypeError):
        refusal = _withhold(decision, Deny(problems.UPSTREAM_AWAY, "disclosure"))
        ledger.record(decision)
        return refusal
    try:
        await ledger.durable(decision)
    except Unavailable:
        return _withhold(decision, Deny(common.UNAVAILABLE, "ledger", headers=(("retry-after", "1"),)))
    return None


def _access(said: bytes) -> dict[str, Any]:
    """Raises ValueError, LookupError or TypeError for a statement that names nobody or cannot be read."""
    disclosure = Disclosure.from_header(said.decode())
    if not (disclosure.subjects or disclosure.organisations):
        raise LookupError("whose data?")
    return {
        "subjects": list(disclosure.subjects),
        "organisations": list(disclosure.organisations),
        "grade": disclosure.grade,
        "purpose": disclosure.purpose,
        "items": list(disclosure.items),
    }


def _withhold(decision: Decision, deny: Deny) -> Deny:
    """The record may still be written later: then it says that nothing was shown."""
    decision.status, decision.code, decision.rule, decision.access = deny.problem.status, deny.problem.code, deny.rule, None
    return deny
