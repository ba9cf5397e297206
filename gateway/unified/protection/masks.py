"""What of a personal value is still shown when it is masked. Source: facts of standards, section 7.4.

A value that is masked already stays as it is. What does not have the form that it should have is masked most.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from contracts.personal import Form
from contracts.values import CreditCode

_STARS: Final = re.compile(r"\*+")
_RESIDENT_ID: Final = re.compile(r"[0-9]{3}(?:[0-9]{11}|\*{11})[0-9]{3}[0-9Xx]")
_PHONE: Final = re.compile(r"1[0-9]{2}(?:[0-9]{4}|\*{4})[0-9]{4}")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
_BANK_CARD: Final = re.compile(r"[0-9*]{9,15}[0-9]{4}")
_STREET: Final = re.compile(r".*?(?:街道|大街|大道|公路|[路街巷弄镇乡])")
_DAY: Final = re.compile(r"([0-9]{4})-[0-9*]{2}-[0-9*]{2}.*", re.DOTALL)


def _value(text: str) -> str:
    """By what it looks like. A third of stars says that somebody masked it before."""
    if 3 * text.count("*") >= len(text):
        return text
    for pattern, form in ((_RESIDENT_ID, _resident_id), (_PHONE, _phone), (_EMAIL, _email), (_BANK_CARD, _bank_card), (_DAY, _date)):
        if pattern.fullmatch(text):
            return form(text)
    return f"{text[0]}***"


def _resident_id(text: str) -> str:
    return f"{text[:3]}{'*' * 11}{text[14:]}" if _RESIDENT_ID.fullmatch(text) else _document(text)


def _phone(text: str) -> str:
    return f"{text[:3]}****{text[7:]}" if _PHONE.fullmatch(text) else _document(text)


def _document(text: str) -> str:
    """Passports and permits: two at each end, of what is long enough. A company's credit code is public."""
    if _RESIDENT_ID.fullmatch(text):
        return _resident_id(text)
    if CreditCode.read(text) is not None:
        return text
    shown = min(2, len(text) // 4)
    return f"{text[:shown]}{'*' * (len(text) - 2 * shown)}{text[len(text) - shown :]}"


def _name(text: str) -> str:
    return f"{text[0]}{'*' * (len(text) - 2)}{text[-1]}" if len(text) > 2 else f"{text[:-1]}*"


def _email(text: str) -> str:
    return f"{text[0]}***@{text.rpartition('@')[2]}" if _EMAIL.fullmatch(text) else "***"


def _bank_card(text: str) -> str:
    return f"{'*' * (len(text) - 4)}{text[-4:]}" if _BANK_CARD.fullmatch(text) else "***"


def _address(text: str) -> str:
    street = _STREET.match(text)
    return f"{street[0]}***" if street else "***"


def _date(text: str) -> str:
    said = _DAY.fullmatch(text)
    return f"{said[1]}-**-**" if said else "***"


_FORMS: Final[Mapping[str, Callable[[str], str]]] = {
    Form.ADDRESS: _address,
    Form.BANK_CARD: _bank_card,
    Form.DATE: _date,
    Form.DOCUMENT: _document,
    Form.EMAIL: _email,
    Form.NAME: _name,
    Form.PHONE: _phone,
    Form.RESIDENT_ID: _resident_id,
    Form.VALUE: _value,
}


def masked(form: str, value: Any) -> Any:
    """Texts by their form, numbers not at all; within arrays and objects everything. A form nobody knows shows nothing."""
    if isinstance(value, str):
        if not value or _STARS.fullmatch(value):
            return value
        return _FORMS[form](value) if form in _FORMS else "***"
    if isinstance(value, dict):
        return {name: masked(Form.VALUE, each) for name, each in value.items()}
    if isinstance(value, list):
        return [masked(form, each) for each in value]
    return value if value is None or isinstance(value, bool) else "***"
