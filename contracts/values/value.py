"""The base of all value types: text with one canonical form."""

import re
from typing import Any, ClassVar, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from contracts.rules import Told, rule

_OTHER_FORM = rule("value-form", "not a {title}", "{title}格式不符")


class Value(str):
    """Text with one canonical form, checked on construction."""

    __slots__ = ()
    PATTERN: ClassVar[re.Pattern[str]]
    TITLE: ClassVar[str]
    ZH: ClassVar[str] = "编码或号码"
    """The title in Chinese, for refusals."""

    def __new__(cls, text: str) -> Self:
        canonical = cls.canonical(text)
        if not cls.PATTERN.fullmatch(canonical):
            raise ValueError(_OTHER_FORM.broken(title=Told(cls.TITLE, zh=cls.ZH, code="")))
        cls.check(canonical)
        return super().__new__(cls, canonical)

    @classmethod
    def read(cls, text: str | None) -> Self | None:
        """The value, or None when the text is none."""
        try:
            return cls(text) if text else None
        except ValueError:
            return None

    @classmethod
    def canonical(cls, text: str) -> str:
        return text

    @classmethod
    def check(cls, text: str) -> None:
        """Raise `ValueError` where the pattern alone cannot tell, such as a check character."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls, core_schema.str_schema(strict=True, max_length=128), serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "pattern": f"^{cls.PATTERN.pattern}$", "title": cls.TITLE}
