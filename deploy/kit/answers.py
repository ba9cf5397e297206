"""What the kit answers: as the services would, about cases and people that do not exist."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from contracts import problems
from contracts.api import application as api
from contracts.problems import application, common, gateway  # noqa: F401 (a problem is known by its code once its module is read)
from contracts.values import CaseNumber, DivisionCode, FileId, OfficerId, resident_check
from deploy.kit.door import Reply, Request
from deploy.local.pictures import png
from gateway.decision import Deny
from gateway.registry import api_document
from gateway.registry.domain.conformance import RETRY_AFTER_S, Met, Script
from gateway.registry.domain.conformance.scripts import DIVISION, agency
from gateway.registry.domain.conformance.stages import CASE, DistrictStage, after_of
from gateway.sandbox import Sandbox

_AT: Final = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
_NARROW_PX, _WIDE_PX = 120, 640
_BORN: Final = f"{DIVISION}19900101123"
_TOMORROW: Final = {"member_of_tomorrow": {"any": ["thing", 1, None]}}
_MESH: Final = {"cache-control": "no-store", "x-of-tomorrow": "1"}


class _Nothing:
    """The kit has no control plane behind it."""

    async def ask(self, *_: Any) -> Deny:
        return Deny(common.NOT_FOUND, "kit")


class Stubs:
    """What the documents say of everything that no script speaks of."""

    def __init__(self) -> None:
        self._sandbox = Sandbox(api_document.documents(), _Nothing())

    async def reply(self, request: Request) -> Reply:
        target = f"{request.path}?{request.query}" if request.query else request.path
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers.items()]
        answer = await self._sandbox.ask(request.method, target, headers, request.body)
        if isinstance(answer, Deny):
            return refusal(answer.problem.code)
        return Reply(answer.status, {name.decode(): value.decode() for name, value in answer.headers} | _MESH, answer.body)


def refusal(code: str, **headers: str) -> Reply:
    problem = problems.REGISTRY[code]
    body = json.dumps(problems.body(problem), ensure_ascii=False).encode()
    return Reply(problem.status, {"content-type": problems.MEDIA_TYPE, **_MESH, **headers}, body)


def said(value: Any, status: int = 200) -> Reply:
    return Reply(status, {"content-type": "application/json", **_MESH}, json.dumps(value, ensure_ascii=False).encode())


def met_otherwise(met: Met) -> Reply | None:
    """What a script answers whatever was asked; None where the answer is the route's own."""
    if met.play == "lost":
        return Reply(0)
    if not met.refusal:
        return None
    return refusal(met.refusal, **({"retry-after": str(RETRY_AFTER_S)} if met.play in {"busy", "down"} else {}))


@dataclass(frozen=True, slots=True)
class SystemAnswers:
    """For systems that are sent nothing: the documents' examples."""

    stubs: Stubs

    async def __call__(self, request: Request, met: Met) -> Reply:
        return met_otherwise(met) or await self.stubs.reply(request)


@dataclass(frozen=True, slots=True)
class DistrictAnswers:
    """A feed of dispatches and what hangs on it."""

    script: Script
    stage: DistrictStage
    stubs: Stubs

    async def __call__(self, request: Request, met: Met) -> Reply:
        return met_otherwise(met) or self._own(request) or await self.stubs.reply(request)

    def _own(self, request: Request) -> Reply | None:
        """None for what no script speaks of."""
        if request.path in {"/dispatches", "/ratings/tasks"}:
            return said(self._page(after_of(request.query)) if request.path == "/dispatches" else {"items": [], "next": None})
        case = CASE.fullmatch(request.path)
        return self._of_case(CaseNumber(case[1]), case[2]) if case else None

    def _of_case(self, number: CaseNumber, act: str) -> Reply:
        if act == "dossier":
            return said(self._dossier(number))
        if act.startswith("files/"):
            width = _NARROW_PX if self._is_narrow(number) else _WIDE_PX
            return Reply(200, {"content-type": "image/png", **_MESH}, png(width, width))
        return said(self._case(number))

    def _page(self, after: int) -> dict[str, Any]:
        items = []
        for position, number, reason in self.stage.page(after):
            dispatch = api.Dispatch.model_validate(
                {
                    "cursor": f"{position}.1",
                    "number": number,
                    "reason": reason,
                    "revision": position,
                    "status": self.stage.cases[number].status,
                    "agency": agency(),
                    "division": DIVISION,
                    "at": _AT,
                }
            )
            items.append(dispatch.model_dump(mode="json") | self._grown(number))
        return {"items": items, "next": items[-1]["cursor"] if items else None}

    def _dossier(self, number: CaseNumber) -> dict[str, Any]:
        handled = self.stage.cases[number]
        picture = api.Stored(file_id=_file(number), media_type="image/png", size_bytes=1, sha256="0" * 64)
        dossier = api.Dossier(
            number=number,
            revision=1,
            task_code=number.task_code,
            matter_name="验收示例事项 conformance matter",
            agency=agency(),
            division=DivisionCode(DIVISION),
            status=handled.status,
            submitted_at=_AT,
            due_on=date(2026, 1, 30),
            values=[api.SourcedValue(name="dog_name", title="犬名", value="豆包", source="applicant", at=_AT)],
            materials=[api.DossierMaterial(code="vaccination-proof", name="免疫证明", how="file", file=picture)],
            notice=self._notice(number),
            accepted_by=OfficerId.read(handled.accepted_by),
            steps=[],
            applicant=api.DossierApplicant(kind="person", name="验收", number=f"{_BORN}{resident_check(_BORN)}"),
        )
        return dossier.model_dump(mode="json") | self._grown(number)

    def _case(self, number: CaseNumber) -> dict[str, Any]:
        case = api.Case(
            number=number,
            revision=1,
            task_code=number.task_code,
            matter_name="验收示例事项 conformance matter",
            agency=agency(),
            agency_name="验收示例机构",
            division=DivisionCode(DIVISION),
            status=self.stage.cases[number].status,
            submitted_at=_AT,
            illustrative=True,
        )
        return case.model_dump(mode="json") | self._grown(number)

    def _notice(self, number: CaseNumber) -> api.Notice | None:
        if not self.stage.cases[number].was_corrected:
            return None
        return api.Notice(text="照片过小 too small", materials=["vaccination-proof"], fields=[], requested_at=_AT)

    def _is_narrow(self, number: CaseNumber) -> bool:
        return self.script.role_of(number) == "narrow" and not self.stage.cases[number].was_corrected

    def _grown(self, number: str) -> dict[str, Any]:
        return dict(_TOMORROW) if self.script.role_of(number) == "grown" else {}


def _file(number: str) -> FileId:
    return FileId(str(UUID(int=int(number[-14:]), version=5)))
