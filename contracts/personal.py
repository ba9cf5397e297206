"""What in an answer tells of a person, marked where the answer is defined.

A marked field carries `x-personal` in its JSON schema; the gateway masks by these marks whoever may not see it clear, so a
field that is masked by its service already is marked as well. Source: ADR-0031.
"""

from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import Field

KEYWORD: Final = "x-personal"


class Form(StrEnum):
    """How a field is masked. `VALUE` is text or a JSON value of which only its shape tells what it is."""

    ADDRESS = "address"
    BANK_CARD = "bank-card"
    DATE = "date"
    DOCUMENT = "document"
    EMAIL = "email"
    NAME = "name"
    PHONE = "phone"
    RESIDENT_ID = "resident-id"
    VALUE = "value"


def marked(form: Form) -> Any:
    """For `Annotated`: the field tells of a person."""
    return Field(json_schema_extra={KEYWORD: form.value})


NameText = Annotated[str, marked(Form.NAME)]
PhoneText = Annotated[str, marked(Form.PHONE)]
ResidentIdText = Annotated[str, marked(Form.RESIDENT_ID)]
DocumentText = Annotated[str, marked(Form.DOCUMENT)]
ValueText = Annotated[str, marked(Form.VALUE)]
AnyValue = Annotated[Any, marked(Form.VALUE)]
Content = Annotated[dict[str, Any], marked(Form.VALUE)]
"""A JSON object of which every text may tell of a person."""
