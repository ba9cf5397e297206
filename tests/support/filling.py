"""Fills in a form as its schema asks, the same way each time."""

from collections.abc import Mapping
from typing import Any, Final

from jsonschema import Draft202012Validator

# One of these fits every field that somebody can fill in.
_VALUES: Final[tuple[Any, ...]] = (
    "2026-11-02", "09:30", "13800138000", "31999919900515001X", "91310000TE5T000008", "LSVAA49J132040316", "156000000000001",
    "someone@example.test", "示例", True, 1, 10.5,
)  # fmt: skip


def filled_in(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A value for every property that the applicant types. Raises LookupError for one that cannot be filled in."""
    return {name: sample(each, name) for name, each in schema["properties"].items() if not each.get("readOnly")}


def sample(schema: Mapping[str, Any], name: str = "") -> Any:
    """A value that fits."""
    choices = [each["const"] for each in schema.get("oneOf", ())]
    validator = Draft202012Validator(dict(schema), format_checker=Draft202012Validator.FORMAT_CHECKER)
    found = [value for value in (*choices, *_VALUES) if validator.is_valid(value)]
    if not found:
        raise LookupError(name)
    return found[0]
