"""Conditions in CEL over the one identifier `value`: comparisons with literals, `in` a list of them, `!`, `&&` and `||`.

The text is read by a CEL parser and its tree is walked: whatever is not named here is refused, so a condition calls nothing,
ends, and has known constants at which alone its truth can change. Source: the Common Expression Language, language definition.
"""

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final, Literal

from celpy.celparser import CELParseError, CELParser
from celpy.evaluation import celstr

from contracts.rules import Told, rule

Kind = Literal["boolean", "integer", "text", "date"]
Value = bool | int | str
"""A date is a text, YYYY-MM-DD: so texts compare as the days do."""

_LONGEST: Final = 200
_LARGEST: Final = 10**9
_DAY: Final = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
_CHAIN: Final = frozenset(
    {
        "expr",
        "conditionalor",
        "conditionaland",
        "relation",
        "addition",
        "multiplication",
        "unary",
        "member",
        "primary",
        "paren_expr",
    }
)
_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "relation_eq": operator.eq,
    "relation_ne": operator.ne,
    "relation_lt": operator.lt,
    "relation_le": operator.le,
    "relation_gt": operator.gt,
    "relation_ge": operator.ge,
}
_TURNED: Final = {"relation_lt": "relation_gt", "relation_le": "relation_ge", "relation_gt": "relation_lt", "relation_ge": "relation_le"}
_ORDERED: Final = frozenset({"integer", "date"})
_TOO_LONG: Final = rule("condition-long", "a condition has at most {most} characters", "条件最多 {most} 个字符")
_NOT_CEL: Final = rule("condition-cel", "not CEL: {text}", "不是 CEL 表达式：{text}")
_LIST: Final = rule("condition-list", "`in` is followed by a list of literals", "in 之后应为字面值列表")
_NO_ORDER: Final = rule("condition-order", "values of the kind {kind} have no order", "{kind} 类型的值不分大小")
_OTHER_KIND: Final = rule("condition-kind", "{literal} is not of the kind {kind}", "{literal} 不是 {kind} 类型")
_UNKNOWN: Final = rule("condition-unknown", "{name} is unknown; a condition is about `value`", "{name} 未知；条件只能针对 value")
_LITERAL: Final = rule("condition-literal", "a condition compares `value` with a literal", "条件应将 value 与字面值比较")
_FUNCTION: Final = rule("condition-function", "a condition calls no function", "条件不得调用函数")
_MEMBER: Final = rule("condition-member", "a value has no members", "值没有成员")
_MAP: Final = rule("condition-map", "a condition has no maps", "条件中不得有映射")
_CALCULATES: Final = rule("condition-calculates", "a condition does not calculate", "条件中不得有运算")
_CHOICE: Final = rule("condition-choice", "a condition has no ?: in it", "条件中不得有 ?:")
_REFUSED: Final = {
    "ident_arg": _FUNCTION,
    "dot_ident_arg": _FUNCTION,
    "member_dot_arg": _FUNCTION,
    "member_dot": _MEMBER,
    "member_index": _MEMBER,
    "member_object": _MEMBER,
    "map_lit": _MAP,
    "unary_neg": _CALCULATES,
    "addition": _CALCULATES,
    "multiplication": _CALCULATES,
    "expr": _CHOICE,
}


class NotACondition(ValueError):
    """What a text has that a condition must not have, or lacks."""

    def __init__(self, told: Told) -> None:
        super().__init__(told)
        self.told = told


@dataclass(frozen=True, slots=True)
class Comparison:
    """`value` compared with a constant; `name` as the grammar of CEL calls the relation."""

    name: str
    constant: Value

    def holds(self, value: Value) -> bool:
        return _COMPARISONS[self.name](value, self.constant)


@dataclass(frozen=True, slots=True)
class OneOf:
    constants: tuple[Value, ...]

    def holds(self, value: Value) -> bool:
        return value in self.constants


@dataclass(frozen=True, slots=True)
class Not:
    part: "Part"

    def holds(self, value: Value) -> bool:
        return not self.part.holds(value)


@dataclass(frozen=True, slots=True)
class Both:
    parts: tuple["Part", "Part"]

    def holds(self, value: Value) -> bool:
        return self.parts[0].holds(value) and self.parts[1].holds(value)


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple["Part", "Part"]

    def holds(self, value: Value) -> bool:
        return self.parts[0].holds(value) or self.parts[1].holds(value)


Part = Comparison | OneOf | Not | Both | Either


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on a value of one kind, with its constants in order."""

    text: str
    kind: Kind
    part: Part
    constants: tuple[Value, ...]

    def holds(self, value: Value) -> bool:
        return self.part.holds(value)


@lru_cache(maxsize=4096)
def condition(text: str, kind: Kind) -> Condition:
    """The condition that a text is. Raises NotACondition with what is wrong with it."""
    if len(text) > _LONGEST:
        raise NotACondition(_TOO_LONG.broken(most=_LONGEST))
    try:
        tree = CELParser().parse(text)
    except CELParseError as error:
        raise NotACondition(_NOT_CEL.broken(text=text)) from error
    part = _part(tree, kind)
    return Condition(text, kind, part, tuple(sorted(set(_constants(part)))))


def _inner(tree: Any) -> Any:
    while tree.data in _CHAIN and len(tree.children) == 1:
        tree = tree.children[0]
    return tree


def _part(tree: Any, kind: Kind) -> Part:
    tree = _inner(tree)
    if tree.data == "unary" and tree.children[0].data == "unary_not":
        return Not(_part(tree.children[1], kind))
    if tree.data in {"conditionaland", "conditionalor"}:
        first, second = (_part(child, kind) for child in tree.children)
        return Both((first, second)) if tree.data == "conditionaland" else Either((first, second))
    if tree.data == "relation":
        relation, right = tree.children
        return _relation(relation.data, _inner(relation.children[0]), _inner(right), kind)
    if _is_value(tree) and kind == "boolean":
        return Comparison("relation_eq", constant=True)
    raise _refused(tree)


def _relation(name: str, left: Any, right: Any, kind: Kind) -> Part:
    if _is_value(right) and name != "relation_in":
        name, left, right = _TURNED.get(name, name), right, left
    if not _is_value(left):
        raise _refused(left)
    if name == "relation_in":
        if right.data != "list_lit" or not right.children:
            raise NotACondition(_LIST.broken())
        return OneOf(tuple(_literal(_inner(each), kind) for each in right.children[0].children))
    if kind not in _ORDERED and name not in {"relation_eq", "relation_ne"}:
        raise NotACondition(_NO_ORDER.broken(kind=kind))
    return Comparison(name, _literal(right, kind))


def _is_value(tree: Any) -> bool:
    return bool(tree.data == "ident" and tree.children[0] == "value")


def _literal(tree: Any, kind: Kind) -> Value:
    if tree.data != "literal":
        raise _refused(tree)
    literal = tree.children[0]
    if kind == "boolean" and literal.type == "BOOL_LIT":
        return bool(literal == "true")
    if kind == "integer" and literal.type == "INT_LIT" and abs(number := _number(literal)) <= _LARGEST:
        return number
    if kind == "text" and literal.type in {"STRING_LIT", "MLSTRING_LIT"}:
        return str(celstr(literal))
    if kind == "date" and literal.type == "STRING_LIT" and is_day(str(celstr(literal))):
        return str(celstr(literal))
    raise NotACondition(_OTHER_KIND.broken(literal=literal, kind=kind))


def _number(literal: str) -> int:
    return int(literal, 16 if "x" in literal.lower() else 10)


def is_day(text: str) -> bool:
    """Whether a text is a day of the calendar, YYYY-MM-DD."""
    if not _DAY.match(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _refused(tree: Any) -> NotACondition:
    if tree.data == "unary":
        tree = tree.children[0]
    if tree.data == "ident" and not _is_value(tree):
        return NotACondition(_UNKNOWN.broken(name=tree.children[0]))
    return NotACondition(_REFUSED.get(tree.data, _LITERAL).broken())


def _constants(part: Part) -> Iterator[Value]:
    if isinstance(part, Comparison):
        yield part.constant
    elif isinstance(part, OneOf):
        yield from part.constants
    elif isinstance(part, Not):
        yield from _constants(part.part)
    else:
        for each in part.parts:
            yield from _constants(each)
