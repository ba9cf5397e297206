"""Rules that refuse what somebody says, each in two languages; and what pydantic's own say in Chinese."""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self


class Told(str):
    """A broken rule in English, which knows its Chinese and the code of the rule: where only a text is taken, it is one."""

    __slots__ = ("code", "zh")
    code: str
    zh: str

    def __new__(cls, en: str, *, zh: str, code: str) -> Self:
        told = super().__new__(cls, en)
        told.zh, told.code = zh, code
        return told

    def within(self, en: str, zh: str) -> "Told":
        """The same rule, broken at a place that has these names."""
        return Told(f"{en}: {self}", zh=f"{zh}：{self.zh}", code=self.code)


@dataclass(frozen=True, slots=True)
class Rule:
    """What must hold. `code` never changes; `en` and `zh` are templates with the same places."""

    code: str
    en: str
    zh: str

    def broken(self, **at: Any) -> Told:
        """Told of these values. What is told in a place of its own is told in Chinese within the Chinese."""
        zh = {name: value.zh if isinstance(value, Told) else value for name, value in at.items()}
        return Told(self.en.format(**at), zh=self.zh.format(**zh), code=self.code)

    @property
    def places(self) -> tuple[frozenset[str], frozenset[str]]:
        """Names of the places in the English and in the Chinese text."""
        formatter = string.Formatter()
        en, zh = (frozenset(name for _, name, *_ in formatter.parse(text) if name) for text in (self.en, self.zh))
        return en, zh


REGISTRY: Final[dict[str, Rule]] = {}


def rule(code: str, en: str, zh: str) -> Rule:
    """The rule, known to the registry. Raises ValueError when another one has its code."""
    made = Rule(code, en, zh)
    if REGISTRY.setdefault(code, made) != made:
        msg = f"two rules share the code {code}"
        raise ValueError(msg)
    return made


KINDS: Final = {
    "missing": "必填",
    "extra_forbidden": "没有这一项",
    "string_pattern_mismatch": "格式不符",
    "string_too_long": "文字过长",
    "string_too_short": "不得为空",
    "too_short": "项数过少",
    "too_long": "项数过多",
    "literal_error": "不在可选值之内",
    "enum": "不在可选值之内",
    "greater_than": "数值过小",
    "greater_than_equal": "数值过小",
    "less_than": "数值过大",
    "less_than_equal": "数值过大",
    "finite_number": "应为有限的数",
    "int_type": "应为整数",
    "int_from_float": "应为整数",
    "int_parsing": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "bool_type": "应为是或否",
    "bool_parsing": "应为是或否",
    "string_type": "应为文本",
    "string_unicode": "文本编码有误",
    "list_type": "应为列表",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "none_required": "应为空",
    "date_type": "应为日期（年-月-日）",
    "date_parsing": "应为日期（年-月-日）",
    "date_from_datetime_parsing": "应为日期（年-月-日）",
    "date_from_datetime_inexact": "应为日期（年-月-日），不带时间",
    "datetime_type": "应为日期和时间",
    "datetime_parsing": "应为日期和时间",
    "datetime_from_date_parsing": "应为日期和时间",
    "timezone_aware": "时间应带时区",
    "json_invalid": "应为 JSON",
}
"""Pydantic's own rules, by its name of their kind."""
_OF_NO_KIND: Final = "不符合要求"


def in_chinese(error: Mapping[str, Any]) -> str:
    """One of `ValidationError.errors()` in Chinese: what we told ourselves, else by its kind."""
    reason = error.get("ctx", {}).get("error")
    told = reason.args[0] if isinstance(reason, ValueError) and reason.args else None
    if isinstance(told, Told):
        return told.zh
    return str(error.get("ctx", {}).get("zh") or KINDS.get(error["type"], _OF_NO_KIND))
