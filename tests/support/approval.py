"""A table of automatic approval."""

from typing import Final

from contracts.api.catalogue import DecisionTable
from tests.support import cases

_RULE: Final = {"text": "示例：小型设施即时核准", "provenance": "illustrative"}
_BEYOND: Final = {"text": "示例：其余由工作人员审查", "provenance": "illustrative"}
TABLE: Final = DecisionTable.model_validate(
    {
        "code": "granted-at-once",
        "zh": "何时即时核准",
        "en": "When it is granted at once",
        "inputs": [
            {
                "name": "place_area",
                "zh": "面积",
                "en": "Area",
                "kind": "integer",
                "minimum": 0,
                "maximum": 100000,
                "source": {"kind": "field", "name": "place_area"},
            },
            {
                "name": "identified",
                "zh": "使用居民身份证",
                "en": "An identity card is used",
                "kind": "boolean",
                "source": {"kind": "certificate", "name": cases.CARD},
            },
        ],
        "rows": [
            {
                "id": "small",
                "when": {"place_area": "value <= 10", "identified": "value"},
                "outcome": "yes",
                "zh": "面积在即时核准的范围内",
                "en": "Within what is granted at once.",
                "rule": _RULE,
            },
            {
                "id": "large",
                "when": {"place_area": "value > 10", "identified": "value"},
                "outcome": "unknown",
                "zh": "面积超出即时核准的范围",
                "en": "Larger than is granted at once.",
                "rule": _BEYOND,
            },
            {
                "id": "unidentified",
                "when": {"identified": "!value"},
                "outcome": "unknown",
                "zh": "没有使用居民身份证",
                "en": "No identity card is used.",
                "rule": _BEYOND,
            },
        ],
    }
)
