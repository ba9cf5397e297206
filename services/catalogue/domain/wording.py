"""The rules of documents in Chinese: those of our own by their English words, those of the models by their kind."""

import re
from typing import Final

_RULES: Final = tuple(
    (re.compile(english), chinese)
    for english, chinese in (
        (r"the division is known", "区划未登记"),
        (r"the street or community lies in the division", "街道或村居不在该区划内"),
        (r"the value is a JSON Schema that refers to no other", "取值应为不引用其他文件的 JSON Schema"),
        (r"a promise is not longer than the statutory limit", "承诺时限不得超过法定时限"),
        (r"an immediate matter promises at most one working day", "即办件承诺时限不得超过一个工作日"),
        (r"an official element names its source", "标为官方的要素须写明出处"),
        (r"the field (\S+) is in the dictionary", r"字段 \1 不在字段字典中"),
        (r"(\S+): an exemption by certificate names its type, and only it does", r"\1：凭证照免交须写明证照类型，其他方式不得写"),
        (r"each material has a code of its own", "材料编码不得重复"),
        (r"an implementation is given once", "实施编码不得重复"),
        (r"(\S+) ends with the basic code", r"\1 应以基本编码结尾"),
        (r"(\S+) is not above the matter's level", r"\1 的行使层级不得高于事项"),
        (r"the agency of (\S+) is known", r"\1 的实施主体未登记"),
        (r"a code is given once", "编码不得重复"),
    )
)
_KINDS: Final = {
    "missing": "必填",
    "extra_forbidden": "没有这一项",
    "string_pattern_mismatch": "格式不符",
    "string_too_long": "文字过长",
    "string_too_short": "不得为空",
    "too_short": "至少一项",
    "too_long": "项数过多",
    "literal_error": "不在可选值之内",
    "greater_than_equal": "数值过小",
    "less_than_equal": "数值过大",
    "int_type": "应为整数",
    "bool_type": "应为是或否",
    "string_type": "应为文本",
    "list_type": "应为列表",
    "dict_type": "应为对象",
    "date_from_datetime_parsing": "应为日期（年-月-日）",
    "date_parsing": "应为日期（年-月-日）",
}


def in_chinese(rule: str) -> str:
    """A rule of ours; one without a translation stays as it is."""
    for english, chinese in _RULES:
        if found := english.fullmatch(rule):
            return found.expand(chinese)
    return rule


def kind_in_chinese(kind: str) -> str:
    """A rule of the models, by pydantic's name of its kind."""
    return _KINDS.get(kind, "不符合要求")
