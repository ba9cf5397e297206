"""Thirty tables that must be refused and thirty that must pass, written by hand, in short."""

import json
from pathlib import Path
from typing import Any

RULE = {"text": "示例：规则待实施主体核定", "provenance": "illustrative"}


def said(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((Path(__file__).parent / f"{name}.json").read_text())
    return found


def table(short: dict[str, Any], code: str = "who-may-apply") -> dict[str, Any]:
    """The decision table, as a department hands it in."""
    inputs = [{"name": name, "zh": name, "en": name, "source": {"kind": "asked"}, **_kind(kind)} for name, kind in short["inputs"].items()]
    rows = [{"id": row, "when": when, "outcome": outcome, "zh": row, "en": row, "rule": RULE} for row, when, outcome in short["rows"]]
    return {"code": code, "zh": "申请资格", "en": "Who may apply", "inputs": inputs, "rows": rows}


def _kind(short: Any) -> dict[str, Any]:
    if isinstance(short, str):
        return {"kind": short}
    if isinstance(short, dict):
        return {"kind": "date", **short}
    if isinstance(short[0], str):
        return {"kind": "text", "allowed": [{"value": each, "zh": each, "en": each} for each in short]}
    return {"kind": "integer", "minimum": short[0], "maximum": short[1]}
