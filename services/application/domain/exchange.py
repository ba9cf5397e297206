"""The records of a case that go to the national platform: accepted, every step, special procedures, result, materials.

Names of columns are the platform's; its codes are data (`seed/exchange.json`). Source: the exchange tables `up_pro_*`; ADR-0052.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from chassis.errors import Conflict, NotFound
from chassis.working_days import SHANGHAI
from contracts.api.application import ExchangeKind
from contracts.problems import application as problems
from contracts.values import BasicCode
from services.application.domain.case import Case
from services.application.domain.lifecycle import FINAL, Act, Status
from services.application.domain.materials import CaseMaterial

_SEED: Final = Path(__file__).parents[1] / "seed" / "exchange.json"
_ACCEPTED: Final = frozenset({Act.ACCEPT, Act.DEEM_ACCEPTED})
# A case that is granted or refused is told of when it is closed: then its result is there.
_ENDED: Final = FINAL
_MANDATORY: Final[dict[str, tuple[str, ...]]] = {
    "accept": (
        "project_no", "catalog_code", "task_code", "task_name", "task_version", "project_type", "applyer_name", "applyer_type",
        "applyer_page_type", "applyer_page_code", "apply_type", "apply_date", "accept_date", "org_code", "org_name",
    ),
    "process": ("project_no", "process_name", "event_name", "event_start_time", "event_end_time", "handle_explain", "handle_user_name"),
    "special": ("project_no", "special_type", "special_name", "special_reason", "special_time", "end_time"),
    "result": ("project_no", "result_type", "result_date", "is_delivery_results"),
    "material": ("project_no", "material_name", "get_type"),
}  # fmt: skip


class NoSuchBatch(NotFound):
    problem = problems.BATCH_NOT_FOUND


class ReceiptIsThere(Conflict):
    problem = problems.RECEIPT_IS_THERE


class NotOfTheBatch(Conflict):
    """`records` names them."""

    problem = problems.NOT_OF_THE_BATCH


@dataclass(frozen=True, slots=True)
class Happened:
    """One record of a case's history."""

    id: int
    act: Act
    from_status: Status | None
    to_status: Status
    by: str
    officer: str | None
    note: str | None
    began_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """`guid` is the same however often the record is made."""

    guid: str
    kind: ExchangeKind
    columns: Mapping[str, Any]


def records_of(case: Case, what: Happened, applicant: Mapping[str, str], materials: Sequence[CaseMaterial]) -> Iterator[Record]:
    """What this one thing that happened makes the platform be told, in its order."""
    if what.act in _ACCEPTED:
        yield _record("accept", what, _accept(case, what, applicant))
        for each in materials:
            yield _record("material", what, _material(case, each), each.code)
    yield _record("process", what, _process(case, what))
    if what.act is Act.RESUME:
        yield _record("special", what, _special(case))
    if what.to_status in _ENDED and what.from_status not in _ENDED:
        yield _record("result", what, _result(case, what))


def missing(record: Record) -> list[str]:
    """The mandatory columns that say nothing."""
    return [name for name in _MANDATORY[record.kind] if record.columns.get(name) in (None, "")]


@cache
def codes() -> dict[str, Any]:
    known: dict[str, Any] = json.loads(_SEED.read_text())
    return known


def _record(kind: ExchangeKind, what: Happened, columns: dict[str, Any], part: str = "") -> Record:
    return Record(hashlib.sha256(f"{what.id}/{kind}/{part}".encode()).hexdigest()[:32], kind, columns)


def _accept(case: Case, what: Happened, applicant: Mapping[str, str]) -> dict[str, Any]:
    known = codes()
    kind = "person" if case.applicant.person else "organisation"
    page = next((name for name in ("resident_id", "credit_code") if name in applicant), "other")
    return {
        "project_no": case.number,
        "project_name": f"{applicant['name']}：{case.matter_name}",
        "catalog_code": case.task_code.basic,
        "task_code": case.task_code,
        "task_handle_item": case.situation,
        "task_name": case.matter_name,
        "task_version": str(case.version),
        "project_type": BasicCode(case.task_code.basic).matter_type,
        "applyer_name": applicant["name"],
        "applyer_type": known["applicant_types"][kind],
        "applyer_page_type": known["page_types"][page],
        "applyer_page_code": applicant.get(page) or applicant.get("document_number"),
        "contact_name": applicant.get("agent_name"),
        "apply_type": known["apply_types"][case.channel],
        "apply_date": _time(case.submitted_at),
        "accept_date": _time(case.accepted_at or what.at),
        "promise_date": _day(case.due.on) if case.due else None,
        "handle_user_name": what.officer or what.by,
        "org_code": case.agency,
        "org_name": case.agency_name,
    }


def _process(case: Case, what: Happened) -> dict[str, Any]:
    return {
        "project_no": case.number,
        "process_name": (what.from_status or what.to_status).zh,
        "event_name": what.act.zh,
        "event_start_time": _time(what.began_at),
        "event_end_time": _time(what.at),
        "handle_explain": what.note or what.act.zh,
        "handle_user_name": what.officer or what.by,
    }


def _special(case: Case) -> dict[str, Any]:
    ended = case.suspensions[-1]
    return {
        "project_no": case.number,
        "special_type": codes()["special_types"].get(ended.procedure, ended.procedure),
        "special_name": ended.procedure,
        "special_reason": ended.reason,
        "special_time": _time(ended.since),
        "end_time": _time(ended.until) if ended.until else None,
    }


def _result(case: Case, what: Happened) -> dict[str, Any]:
    return {
        "project_no": case.number,
        "result_type": codes()["results"][_how_it_ended(case, what)],
        "result_date": _time(what.at),
        "result_explain": case.reason,
        "result_cetr_name": case.matter_name if case.certificate else None,
        "result_cetr_no": case.certificate,
        "is_delivery_results": "1" if case.delivery else "0",
    }


def _how_it_ended(case: Case, what: Happened) -> str:
    if what.to_status is Status.CLOSED:
        is_refused = what.from_status is Status.REFUSED or bool(case.grounds)
        return "certificate" if case.certificate else "refused" if is_refused else "granted"
    cause = case.terminated_for
    return cause if cause and cause in codes()["results"] else what.to_status.value


def _material(case: Case, material: CaseMaterial) -> dict[str, Any]:
    return {
        "project_no": case.number,
        "material_name": material.name,
        "get_type": codes()["ways"][material.way.value],
        "get_num": 1,
        "material_attach_name": material.file_id,
    }


def _time(at: datetime) -> str:
    """GB/T 39046: YYYYMMDDThhmmss, by the city's clock."""
    return f"{at.astimezone(SHANGHAI):%Y%m%dT%H%M%S}"


def _day(day: date) -> str:
    return f"{day:%Y%m%d}"
