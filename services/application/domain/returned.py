"""Results that come back under a handler's own number, or on a work form 工作表单 that was printed for one case. ADR-0047."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from chassis.errors import Conflict, Invalid, NotFound
from contracts.problems import application as problems
from contracts.values import Id, OfficerId, PartyId

Kind = Literal["unreturned", "overtaken", "copied", "altered"]


class OperationSaysSomethingElse(Conflict):
    problem = problems.OPERATION_DIFFERS


class NoSuchWorkForm(NotFound):
    problem = problems.WORK_FORM_NOT_FOUND


class WorkFormAltered(Invalid):
    problem = problems.WORK_FORM_ALTERED


class WorkFormUsed(Conflict):
    problem = problems.WORK_FORM_USED


class WorkFormOvertaken(Conflict):
    problem = problems.WORK_FORM_OVERTAKEN


class NoSuchFinding(NotFound):
    problem = problems.FINDING_NOT_FOUND


@dataclass(frozen=True, slots=True)
class WorkForm:
    """`digest` is over what is printed and a secret that is kept nowhere: nobody can make another form that fits it."""

    id: Id
    number: str
    party: PartyId
    case_number: str
    revision: int
    digest: bytes
    issued_by: OfficerId
    issued_at: datetime
    returned_by: OfficerId | None = None
    returned_at: datetime | None = None

    @property
    def check_code(self) -> str:
        return base64.b32encode(self.digest)[:12].decode()

    @property
    def scanned(self) -> str:
        """What the code on the paper says to whoever scans it."""
        return f"TBWF1.{self.number}.{self.case_number}.{self.revision}.{self.check_code}"

    def check(self, case_number: str, revision: int, check_code: str, applicant_names: tuple[str, str]) -> None:
        """What stands on the paper against what was issued. `applicant_names`: on the paper and in the case.

        Raises WorkFormAltered, WorkFormUsed, WorkFormOvertaken.
        """
        on_paper, in_case = applicant_names
        if (case_number, check_code, on_paper) != (self.case_number, self.check_code, in_case):
            raise WorkFormAltered
        if self.returned_at is not None:
            raise WorkFormUsed
        if revision != self.revision:
            raise WorkFormOvertaken(revision=revision)


def new_number(day: date) -> str:
    return f"WF{day:%Y%m%d}{base64.b32encode(secrets.token_bytes(8))[:10].decode()}"


def digest_of(number: str, printed: dict[str, Any]) -> bytes:
    said = json.dumps({"number": number, "printed": printed}, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(secrets.token_bytes(32) + said.encode()).digest()


def said_digest(path: str, said: dict[str, Any]) -> bytes:
    """Of what a handler says under a number, however it is written down."""
    return hashlib.sha256(f"{path}\0{json.dumps(said, ensure_ascii=False, sort_keys=True)}".encode()).digest()
