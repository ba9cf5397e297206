import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select

from chassis.database import ReadSession
from chassis.decisions import Value
from contracts.api import catalogue as api
from contracts.api.certificate import Holding
from contracts.api.identity.persons import Profile, Sourced
from contracts.rules import rule
from contracts.values import CertificateTypeCode, TaskCode
from services.catalogue.domain import decision_tables, guiding, situations
from services.catalogue.domain.situations import AnswersNotPossible, MatterNotGuided, Reached
from services.catalogue.queries import matters
from services.catalogue.tables import fields

_ASKS_NOTHING: Final = rule("answer-unasked", "the matter asks nothing", "该事项没有情形问题")
_UNANSWERED: Final = rule("answer-missing", "the question is answered", "问题尚未回答")
_IMPOSSIBLE: Final = rule("answer-impossible", "the value is a possible one of an input of the table", "不是该输入项的可能取值")


@dataclass(frozen=True, slots=True)
class Personal:
    """A guide, how far the answers lead in its tree, and the matter as it is there."""

    guide: api.Guide
    definition: api.Definition
    reached: Reached

    @property
    def matter(self) -> api.Matter:
        situation = self.reached.situation
        return self.guide.matter if situation is None else situations.narrowed(self.guide.matter, situation)

    def types(self) -> list[CertificateTypeCode]:
        """Certificate types that stand in for its materials."""
        return list(dict.fromkeys(each.certificate_type for each in self.matter.materials if each.certificate_type))

    def readiness(self, held: Mapping[str, tuple[str, str]] | None) -> dict[str, api.HeldMaterial]:
        """Material → how this person meets it."""
        known = None if held is None else dict(held)
        found = matters.readiness(self.guide.model_copy(update={"matter": self.matter}), known)
        return {each.code: each for each in found.materials}


async def tree(session: ReadSession, task_code: TaskCode, *, at: datetime) -> api.SituationTree:
    """Raises NoSuchMatter, MatterNotGuided."""
    guide = await matters.guide(session, task_code, at=at)
    said = guide.matter.guiding.situations if guide.matter.guiding else None
    if said is None:
        raise MatterNotGuided
    first = said.questions[0].id
    return api.SituationTree(
        task_code=task_code, version=guide.version, first=first, situations=said, illustrative=guide.illustrative, notice=guide.notice
    )


async def personal(session: ReadSession, task_code: TaskCode, answers: Mapping[str, str], *, at: datetime) -> Personal:
    """A matter without a tree is in one situation, which is all of it. Raises NoSuchMatter, AnswersNotPossible."""
    guide = await matters.guide(session, task_code, at=at)
    said = guide.matter.guiding.situations if guide.matter.guiding else None
    if said is None and answers:
        raise AnswersNotPossible(errors=[situations.strange(each, _ASKS_NOTHING.broken()) for each in sorted(answers)])
    reached = Reached({}) if said is None else situations.follow(said, answers)
    within = reached.situation.code if reached.situation else None
    return Personal(guide, await matters.definition(session, task_code, at=at, version=guide.version, situation=within), reached)


def personal_guide(said: Personal, held: Mapping[str, tuple[str, str]] | None) -> api.PersonalGuide:
    """`held` maps certificate types to name and masked number, None if unknown."""
    guide, reached, situation = said.guide, said.reached, said.reached.situation
    answer = api.PersonalGuide(
        task_code=guide.task_code,
        version=guide.version,
        answers=reached.answers,
        question=reached.question,
        illustrative=guide.illustrative,
        notice=guide.notice,
    )
    if reached.question is not None:
        return answer
    matter, met, sources = said.matter, said.readiness(held), said.definition.field_sources
    titles = said.definition.field_titles
    concerns: dict[str, Any] = {
        "conditions": matter.conditions,
        "materials": [api.GuideMaterial(material=each, met=met[each.code]) for each in matter.materials],
        "steps": matter.steps,
        "fees": matter.fees,
        "fields": [
            api.GuideField(name=name, title=titles[name], is_prefilled=name in sources)
            for name in said.definition.form_schema["properties"]
        ],
    }
    if situation is not None:
        item = f"{guide.task_code}{situation.item}" if situation.item else None
        concerns |= {"situation": situation.code, "item_code": item, "zh": situation.zh, "en": situation.en, "is_quick": situation.is_quick}
    return answer.model_copy(update=concerns)


def prereview(said: Personal, body: api.AskPrereview, held: Mapping[str, tuple[str, str]] | None) -> api.Prereview:
    """What stands in the way of sending this. Raises AnswersNotPossible while the answers do not end in a situation."""
    if said.reached.question is not None:
        raise AnswersNotPossible(errors=[situations.strange(said.reached.question.id, _UNANSWERED.broken())])
    met = {code for code, each in said.readiness(held).items() if each.how in {"held", "waived"}} | set(body.materials)
    points = guiding.reviewed(
        said.matter,
        schema=said.definition.form_schema,
        titles=said.definition.field_titles,
        values=body.values,
        met=met,
        sourced=said.definition.field_sources,
    )
    is_ready = all(each.status != "failed" for each in points)
    return api.Prereview(task_code=said.guide.task_code, version=said.guide.version, points=points, is_ready=is_ready)


@dataclass(frozen=True, slots=True)
class Judging:
    """A table, and from what of a person the fields that it names are filled in."""

    guide: api.Guide
    table: api.DecisionTable
    field_sources: dict[str, str]

    def asks_identity(self, given: Collection[str]) -> bool:
        return any(each.source.kind == "field" for each in self.table.inputs if each.name not in given)

    def types(self, given: Collection[str]) -> list[CertificateTypeCode]:
        asked = [each for each in self.table.inputs if each.source.kind == "certificate" and each.name not in given]
        return list(dict.fromkeys(CertificateTypeCode(each.source.name or "") for each in asked))


async def judging(session: ReadSession, task_code: TaskCode, *, at: datetime) -> Judging:
    """Raises NoSuchMatter, MatterNotGuided."""
    guide = await matters.guide(session, task_code, at=at)
    table = guide.matter.guiding.eligibility if guide.matter.guiding else None
    if table is None:
        raise MatterNotGuided
    names = [each.source.name for each in table.inputs if each.source.kind == "field"]
    rows = (await session.execute(select(fields).where(fields.c.name.in_(names)))).all() if names else ()
    asked = [api.FormField.model_validate_json(json.dumps(row._asdict())) for row in rows]
    return Judging(guide, table, {each.name: each.source.path for each in asked if each.source})


def check_given(said: Judging, given: Mapping[str, Value]) -> None:
    """Raises AnswersNotPossible."""
    if strange := decision_tables.impossible(said.table, given):
        raise AnswersNotPossible(errors=[{"input": name, "rule": str(_IMPOSSIBLE.broken()), "zh": _IMPOSSIBLE.zh} for name in strange])


def filled_in(said: Judging, profile: Profile | None, held: Collection[Holding] | None, *, today: date) -> dict[str, api.UsedInput]:
    """What the city knows of inputs, with who vouches for it; what is no possible value is not known."""
    found: dict[str, api.UsedInput] = {}
    for each in said.table.inputs:
        if each.source.kind == "certificate" and held is not None:
            is_held = any(holding.type == each.source.name for holding in held)
            found[each.name] = api.UsedInput(name=each.name, value=is_held, source="certificate")
        elif each.source.kind == "field" and profile is not None:
            sourced = getattr(profile, said.field_sources.get(each.source.name or "", "").removeprefix("identity."), None)
            if isinstance(sourced, Sourced):
                value = _years_since(date.fromisoformat(sourced.value), today) if each.source.taken == "age" else sourced.value
                found[each.name] = api.UsedInput(name=each.name, value=value, source=sourced.source)
    strange = decision_tables.impossible(said.table, {name: each.value for name, each in found.items()})
    return {name: each for name, each in found.items() if name not in strange}


def _years_since(day: date, today: date) -> int:
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def eligibility(said: Judging, known: Mapping[str, api.UsedInput]) -> api.Eligibility:
    answer, grounds, missing = decision_tables.judged(said.table, {name: each.value for name, each in known.items()})
    zh, en = decision_tables.summed_up(grounds, missing)
    return api.Eligibility(
        task_code=said.guide.task_code,
        version=said.guide.version,
        table=said.table.code,
        answer=answer,
        zh=zh,
        en=en,
        grounds=grounds,
        missing=missing,
        inputs=list(known.values()),
        illustrative=said.guide.illustrative,
        notice=said.guide.notice,
    )


def readable(said: Judging) -> api.ReadableTable:
    table = said.table
    return api.ReadableTable(
        task_code=said.guide.task_code,
        version=said.guide.version,
        code=table.code,
        zh=table.zh,
        en=table.en,
        inputs=table.inputs,
        rows=decision_tables.readable(table),
        illustrative=said.guide.illustrative,
        notice=said.guide.notice,
    )


def as_text(said: api.ReadableTable) -> str:
    """The table in Markdown: a row for each row, in both languages, with the rule that it follows."""
    lines = [f"# {said.zh} {said.en}", ""]
    lines += [f"> {said.notice}", ""] if said.notice else []
    lines += [f"- {_plain(each.zh)} {_plain(each.en)}" for each in said.inputs]
    lines += ["", "| | 规则 Row | 依据 Rule |", "| --- | --- | --- |"]
    for row in said.rows:
        sources = f"{_plain(row.rule.text)} ({row.rule.provenance}{', ' + _plain(row.rule.source) if row.rule.source else ''})"
        lines.append(f"| {row.id} | {_plain(row.zh)}<br>{_plain(row.en)} | {sources} |")
    return "\n".join([*lines, ""])


def _plain(text: str) -> str:
    """Text that neither ends a cell nor makes markup."""
    return "".join(f"\\{each}" if each in "\\|`*_[]<>#" else each for each in text.replace("\n", " "))
