"""Decision tables of matters: what keeps one from being published, what it says of somebody, and how it is read out."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from chassis.decisions import Column, Decision, Line, NotACondition, Table, Value, condition, decide, flaws_in
from chassis.decisions.conditions import Both, Comparison, Either, OneOf, Part
from contracts.api.catalogue import DecisionTable, Ground, Input, MissingInput, ReadableCell, ReadableRow, Verdict
from contracts.rules import Told, rule
from contracts.values import CertificateTypeCode

_SOURCE_NAMED: Final = rule("input-source", "a source that is not the person is named", "不由本人回答的输入项须写明来源")
_AGE: Final = rule("input-age", "an age is a number, taken from a field", "年龄应为整数，取自字段")
_FIELD: Final = rule("input-field", "the field {name} is in the dictionary", "字段 {name} 不在字段字典中")
_CERTIFICATE: Final = rule(
    "input-certificate", "whether somebody holds a certificate of a type is yes or no", "是否持有某类证照应为是或否，并写明证照类型"
)
_BOUNDS: Final = rule("input-bounds", "its bounds are of its kind", "上下限应与其类型一致")
_FAULTS: Final = {
    "form": "形式",
    "condition": "条件",
    "outcome": "结论",
    "never": "永不成立",
    "unused": "未用到",
    "size": "过大",
    "gap": "遗漏",
    "overlap": "重叠",
    "unreachable": "不可达",
}
_VERDICTS: Final[tuple[Verdict, ...]] = ("yes", "no", "unknown")
_SAID: Final[dict[Verdict, tuple[str, str]]] = {
    "yes": ("可以办理", "it can be applied for"),
    "no": ("不能办理", "it cannot be applied for"),
    "unknown": ("须由工作人员判断", "an official has to look at it"),
}
_NUMBERS: Final = {
    "relation_eq": ("{}", "{}"),
    "relation_ne": ("不是{}", "not {}"),
    "relation_lt": ("小于{}", "less than {}"),
    "relation_le": ("不大于{}", "at most {}"),
    "relation_gt": ("大于{}", "more than {}"),
    "relation_ge": ("不小于{}", "at least {}"),
}
_DAYS: Final = _NUMBERS | {
    "relation_lt": ("早于{}", "before {}"),
    "relation_le": ("不晚于{}", "no later than {}"),
    "relation_gt": ("晚于{}", "after {}"),
    "relation_ge": ("不早于{}", "no earlier than {}"),
}


def table_of(said: DecisionTable) -> Table:
    columns = tuple(_column(each) for each in said.inputs)
    return Table(columns, tuple(Line(row.id, tuple(row.when.items()), row.outcome) for row in said.rows))


def _column(said: Input) -> Column:
    bounds = (
        (said.minimum, said.maximum) if said.kind == "integer" else tuple(day and day.isoformat() for day in (said.earliest, said.latest))
    )
    return Column(said.name, said.kind, tuple(each.value for each in said.allowed), *bounds)


def faults_in(said: DecisionTable, *, fields: Collection[str]) -> Iterator[Told]:
    """Every rule that the table breaks, with table and row."""
    for each in said.inputs:
        if told := _wrong_source(each, fields):
            yield told.within(f"table {said.code}, input {each.name}", f"表 {said.code}，输入项 {each.name}")
    for flaw in flaws_in(table_of(said), _VERDICTS):
        en, zh = (f", row {flaw.line}", f"，第 {flaw.line} 行") if flaw.line else ("", "")
        named = flaw.rule.within(flaw.fault, _FAULTS[flaw.fault])
        yield named.within(f"table {said.code}{en}", f"表 {said.code}{zh}")


def _wrong_source(said: Input, fields: Collection[str]) -> Told | None:
    source = said.source
    if (source.kind == "asked") != (source.name is None):
        return _SOURCE_NAMED.broken()
    if source.taken == "age" and (source.kind, said.kind) != ("field", "integer"):
        return _AGE.broken()
    if source.kind == "field" and source.name not in fields:
        return _FIELD.broken(name=source.name)
    if source.kind == "certificate" and (said.kind != "boolean" or not _is_type(source.name or "")):
        return _CERTIFICATE.broken()
    has_other_bounds = (said.kind != "integer" and (said.minimum, said.maximum) != (None, None)) or (
        said.kind != "date" and (said.earliest, said.latest) != (None, None)
    )
    return _BOUNDS.broken() if has_other_bounds else None


def _is_type(text: str) -> bool:
    try:
        CertificateTypeCode(text)
    except ValueError:
        return False
    return True


def impossible(said: DecisionTable, given: Mapping[str, Value]) -> list[str]:
    """The names of given inputs that the table does not have, or whose value is none of the possible ones."""
    columns = {column.name: column for column in table_of(said).columns}
    return sorted(name for name, value in given.items() if name not in columns or not columns[name].has(value))


def judged(said: DecisionTable, known: Mapping[str, Value]) -> tuple[Verdict, list[Ground], list[MissingInput]]:
    """Yes or no if everything that is possible leads to it, else unknown with the inputs on which it depends."""
    decision = decide(table_of(said), known)
    rows = [row for row in said.rows if row.id in decision.lines]
    grounds = [Ground(row=row.id, zh=row.zh, en=row.en, rule=row.rule) for row in rows]
    return _verdict(decision, rows[0].outcome), grounds if decision.outcome else [], _missing(said, decision)


def _verdict(decision: Decision, outcome: Verdict) -> Verdict:
    return outcome if decision.outcome else "unknown"


def _missing(said: DecisionTable, decision: Decision) -> list[MissingInput]:
    asked = [each for each in said.inputs if each.name in decision.missing]
    return [MissingInput(name=each.name, zh=each.zh, en=each.en, kind=each.kind, allowed=each.allowed) for each in asked]


def summed_up(grounds: list[Ground], missing: list[MissingInput]) -> tuple[str, str]:
    """Why, in Chinese and English."""
    if missing:
        zh, en = "、".join(each.zh for each in missing), ", ".join(each.en for each in missing)
        return f"还不能判断，取决于：{zh}", f"It cannot be told yet; it depends on: {en}"
    return "；".join(dict.fromkeys(each.zh for each in grounds)), " ".join(dict.fromkeys(each.en for each in grounds))


def readable(said: DecisionTable) -> list[ReadableRow]:
    """The rows as a lawyer reads them."""
    inputs = {each.name: each for each in said.inputs}
    rows = []
    for row in said.rows:
        cells = [_cell(inputs[each.name], row.when[each.name]) for each in said.inputs if each.name in row.when]
        zh, en = _SAID[row.outcome]
        when_zh = f"如果{'，且'.join(each.zh for each in cells)}，则" if cells else "任何情况下"
        when_en = f"If {' and '.join(each.en for each in cells)}, " if cells else "In every case "
        sentence = {"zh": f"{when_zh}{zh}：{row.zh}", "en": f"{when_en}{en}: {row.en}"}
        reasons = {"reason_zh": row.zh, "reason_en": row.en}
        rows.append(ReadableRow(id=row.id, **sentence, cells=cells, outcome=row.outcome, **reasons, rule=row.rule))
    return rows


def _cell(asked: Input, text: str) -> ReadableCell:
    zh, en = _words(condition(text, asked.kind).part, asked)
    return ReadableCell(input=asked.name, zh=f"“{asked.zh}”为{zh}", en=f"“{asked.en}” is {en}")


def _words(part: Part, asked: Input) -> tuple[str, str]:
    if isinstance(part, Comparison):
        return _compared(part, asked)
    if isinstance(part, OneOf):
        named = [_named(each, asked) for each in part.constants]
        return "、".join(zh for zh, _ in named) + "之一", "one of " + ", ".join(en for _, en in named)
    if isinstance(part, Both | Either):
        (zh, en), (other_zh, other_en) = (_words(each, asked) for each in part.parts)
        between = ("且", "and") if isinstance(part, Both) else ("或", "or")
        return f"{zh}{between[0]}{other_zh}", f"{en} {between[1]} {other_en}"
    if asked.kind == "boolean" and isinstance(part.part, Comparison):
        return _compared(Comparison(part.part.name, not part.part.constant), asked)
    zh, en = _words(part.part, asked)
    return f"除（{zh}）以外", f"anything but ({en})"


def _compared(part: Comparison, asked: Input) -> tuple[str, str]:
    zh, en = _named(part.constant, asked)
    words = (_DAYS if asked.kind == "date" else _NUMBERS)[part.name]
    return words[0].format(zh), words[1].format(en)


def _named(value: Value, asked: Input) -> tuple[str, str]:
    if isinstance(value, bool):
        return ("是", "yes") if value else ("否", "no")
    names = {each.value: (each.zh, each.en) for each in asked.allowed}
    return names.get(str(value), (str(value), str(value)))


def unreadable(text: str) -> Told | None:
    """What keeps an expression from being a condition on a text, if anything does."""
    try:
        condition(text, "text")
    except NotACondition as refusal:
        return refusal.told
    return None
