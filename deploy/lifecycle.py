"""The table of a case's life, for people who read law and not code: `python -m deploy.lifecycle write` renews docs/lifecycle.md."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from services.application.domain.grounds import GROUNDS
from services.application.domain.lifecycle import RULES, Act, Role, Status

PAGE: Final = Path(__file__).parents[1] / "docs" / "lifecycle.md"
_HEAD: Final = """# 办件生命周期 The life of a case

<!-- Written by `python -m deploy.lifecycle write` from services/application/domain: do not edit. -->

下表的每一行是一个动作：从哪些状态到哪个状态、由谁作出、时限和依据。表外的动作不能改变办件的状态；每个动作在不可修改的历史中留下一条记录。
Each line is an act: from which statuses to which one, by whom, within what time and on what basis. Nothing else moves a case, and every
act leaves a record in a history that nobody can change.

受办分离：受理人、审查人都不得作出决定。 Receiving, reviewing and deciding are apart: who accepted or reviewed a case does not decide it.

| 动作 act | 从 from | 到 to | 由 by | 时限 limit | 依据 basis |
| --- | --- | --- | --- | --- | --- |
"""


def page() -> str:
    return _HEAD + "\n".join(_line(act) for act in (Act.SUBMIT, *RULES)) + "\n"


def _line(act: Act) -> str:
    ground = GROUNDS[act]
    cells = [f"{act.zh} {act.en}", _sources(act), _target(act), _actors(act), f"{ground.limit_zh} {ground.limit_en}".strip() or "–"]
    basis = ground.basis_zh if ground.basis_zh == ground.basis_en else f"{ground.basis_zh} {ground.basis_en}"
    return "| " + " | ".join([*cells, basis]) + " |"


def _sources(act: Act) -> str:
    if act is Act.SUBMIT:
        return "（草稿）(a draft)"
    sources = RULES[act].sources
    return "任何状态 any" if len(sources) == len(Status) else _names(status for status in Status if status in sources)


def _target(act: Act) -> str:
    if act is Act.SUBMIT:
        return _names([Status.SUBMITTED])
    if act is Act.CORRECT:
        return "提出补正的环节 whoever asked"
    to = RULES[act].to
    return _names([to]) if to else "不变 unchanged"


def _actors(act: Act) -> str:
    roles = {Role.APPLICANT, Role.AGENT} if act is Act.SUBMIT else RULES[act].roles
    return _names(role for role in Role if role in roles)


def _names(each: Iterable[Status | Role]) -> str:
    return "、".join(f"{one.zh} {one.en}" for one in each)


def main() -> None:
    if sys.argv[1:] == ["write"]:
        PAGE.write_text(page())
    elif PAGE.read_text() != page():
        sys.exit("docs/lifecycle.md is stale: python -m deploy.lifecycle write")


if __name__ == "__main__":
    main()
