"""What the transcript shows of the handling of dispatched cases."""

from collections.abc import Iterable, Iterator

from contracts.api.gateway import Exchange
from contracts.headers import IDEMPOTENCY_KEY, OPERATOR
from gateway.registry.domain.conformance.scripts import RECEIPT_WITHIN_S, Script
from gateway.registry.domain.conformance.stages import CASE, RECEIPTS

Act = tuple[str, str, Exchange]
"""Case number, act, and the request."""


def found(exchanges: tuple[Exchange, ...], script: Script) -> dict[str, str]:
    acts = list(_acts(exchanges))
    checks = {
        "receipt-in-time": _receipts(exchanges, acts, script),
        "duplicate-once": _duplicates(acts, script),
        "unknown-members": _unknown(acts, script),
        "officer-named": _officers(acts),
        "two-officers": _two_officers(acts),
    }
    return {name: reason for name, reason in ((name, next(reasons, None)) for name, reasons in checks.items()) if reason}


def _acts(exchanges: Iterable[Exchange]) -> Iterator[Act]:
    for each in exchanges:
        case = CASE.fullmatch(each.path)
        if case is not None and each.method == "POST":
            yield case[1], case[2], each


def _receipts(exchanges: tuple[Exchange, ...], acts: list[Act], script: Script) -> Iterator[str]:
    shown = {number: each.answered_ms for each in exchanges for number in each.shown}
    for case in script.cases:
        if case.role == "grown":
            continue
        if case.number not in shown:
            yield f"the dispatch of {case.number} was not fetched"
            continue
        first = next((each.at_ms for number, act, each in acts if number == case.number and act in RECEIPTS), None)
        if first is None:
            yield f"no receipt for {case.number}"
        elif first - shown[case.number] > RECEIPT_WITHIN_S * 1000:
            yield f"the receipt for {case.number} came after {(first - shown[case.number]) // 1000} s"


def _duplicates(acts: list[Act], script: Script) -> Iterator[str]:
    number = script.number_of("twice")
    keys = {each.headers.get(IDEMPOTENCY_KEY, "") for each_number, act, each in acts if each_number == number and act in RECEIPTS}
    if len(keys) > 1:
        yield f"{number} was accepted under {len(keys)} keys"


def _unknown(acts: list[Act], script: Script) -> Iterator[str]:
    number = script.number_of("grown")
    if not any(each_number == number and act in RECEIPTS for each_number, act, _ in acts):
        yield f"no receipt for {number}, whose answers have members of tomorrow"


def _officers(acts: list[Act]) -> Iterator[str]:
    for number, act, each in acts:
        if not each.headers.get(OPERATOR):
            yield f"{act} of {number} names no officer"


def _two_officers(acts: list[Act]) -> Iterator[str]:
    accepted = {number: each.headers.get(OPERATOR, "") for number, act, each in acts if act == "acceptance" and each.status in {0, 200}}
    decided = [(number, each.headers.get(OPERATOR, "")) for number, act, each in acts if act == "decision" and each.status == 200]
    for number, officer in decided:
        if officer and officer == accepted.get(number):
            yield f"{number} was decided by the officer who accepted it"
    if not decided:
        yield "no case was decided"
