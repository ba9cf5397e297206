"""The strict base model and the text types that every request model stands on."""

import unicodedata
from datetime import date
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from contracts.rules import rule

T = TypeVar("T")
_CHARACTER = rule("text-character", "the character {character} is not allowed", "含有不允许的字符 {character}")
_ONE_LINE = rule("text-one-line", "the text must be one line", "文字不得换行")
_TEXT = rule("text-only", "must be text", "应为文本")
_TRUE = rule("true-only", "must be true", "须为是")

_ALLOWED_CONTROLS = frozenset("\n")
_BIDI_AND_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad") | {
    chr(c) for block in (range(0x202A, 0x202F), range(0x2066, 0x206A), (0x200E, 0x200F, 0x061C)) for c in block
}


class Model(BaseModel):
    """A request body: unknown fields, coerced types and non-finite numbers are refused."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class Answer(BaseModel):
    """An answer body: frozen; readers ignore fields they do not know, so that answers can grow."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Page(Answer, Generic[T]):
    """One page; `next` is the cursor of the following page, absent on the last one."""

    items: list[T]
    next: str | None = None


def clean_text(text: str) -> str:
    """NFC text without controls, lone surrogates, bidirectional overrides and invisible characters.

    Raises: ValueError naming the first offending code point.
    """
    if text.isprintable():
        # None of those that are refused is printable, and long texts are asked character by character only when one is.
        return unicodedata.normalize("NFC", text)
    for character in text:
        category = unicodedata.category(character)
        is_control = category == "Cc" and character not in _ALLOWED_CONTROLS
        if is_control or category in {"Cs", "Co", "Cn"} or character in _BIDI_AND_INVISIBLE:
            raise ValueError(_CHARACTER.broken(character=f"U+{ord(character):04X}"))
    return unicodedata.normalize("NFC", text)


def clean_document(value: Any) -> Any:
    """A JSON value whose texts, names included, are all clean. Raises ValueError as `clean_text` does."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(name): clean_document(each) for name, each in value.items()}
    if isinstance(value, list):
        return [clean_document(each) for each in value]
    return value


def _one_line(text: str) -> str:
    if "\n" in text:
        raise ValueError(_ONE_LINE.broken())
    return text


def _text_only(value: Any) -> Any:
    if not isinstance(value, (str, date)):
        raise ValueError(_TEXT.broken())  # noqa: TRY004 (pydantic turns ValueError into a field error)
    return value


def _boolean_only(value: Any) -> Any:
    if not isinstance(value, bool):
        raise ValueError(_TRUE.broken())  # noqa: TRY004 (as above)
    return value


Paragraph = Annotated[str, AfterValidator(clean_text), Field(strict=True, min_length=1, max_length=4000)]
Line = Annotated[str, AfterValidator(clean_text), AfterValidator(_one_line), Field(strict=True, min_length=1, max_length=200)]
Instant = Annotated[AwareDatetime, BeforeValidator(_text_only), Field(strict=False)]
Day = Annotated[date, BeforeValidator(_text_only), Field(strict=False)]
Agreed = Annotated[Literal[True], BeforeValidator(_boolean_only)]
Document = Annotated[dict[str, Any], AfterValidator(clean_document)]
Count = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]
Choice = Annotated[T, Field(strict=False)]

__all__ = [
    "Agreed",
    "Answer",
    "Choice",
    "Count",
    "Day",
    "Document",
    "Instant",
    "Line",
    "Model",
    "Page",
    "Paragraph",
    "clean_document",
    "clean_text",
]
