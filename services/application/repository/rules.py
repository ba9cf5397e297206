"""The rule table of supervision."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from services.application.domain.supervision import Rule, RuleCode, Text

_FILE: Final = Path(__file__).parents[1] / "seed" / "supervision_rules.json"


@cache
def rules() -> dict[RuleCode, Rule]:
    said: list[dict[str, Any]] = json.loads(_FILE.read_text())["rules"]
    return {RuleCode(row["rule"]): _rule(row) for row in said}


def _rule(row: dict[str, Any]) -> Rule:
    return Rule(RuleCode(row["rule"]), row["colour"], row["to_supervisor"], Text(**row["object"]), Text(**row["condition"]))
