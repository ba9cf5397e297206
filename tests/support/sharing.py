"""Bodies of the writes about resources and shared data, right in their form; most name what does not exist."""

from typing import Any, Final

ITEM: Final = "marriage-registration"
OF_SYSTEMS: Final = frozenset({"data:verify", "data:query", "data-item:publish", "scene:apply", "sharing-list:file"})
"""Permissions of routes that agencies' systems call, not operators."""

_ID: Final = "01a21411-aeb3-7527-ac83-b985933ba47a"
_ROUTE: Final = {"method": "GET", "path": "/unheard-of", "reason": "示例"}
_SOURCED: Final = {"provenance": "illustrative", "source": "示例"}

BODIES: Final[dict[str, dict[str, Any]]] = {
    "/resources/deprecation": {
        **_ROUTE, "deprecated_at": "2099-01-01T00:00:00Z", "sunset_at": "2099-02-01T00:00:00Z", "successor": "/other",
    },
    "/resources/retirement": _ROUTE,
    "/resources/classification": {**_ROUTE, "grade": 4, "sharing": "none"},
    "/resources/certificate-types/{code}/departure": {"state": "retired", "sunset_at": "2099-02-01T00:00:00Z", "reason": "示例"},
    "/data-items": {
        "code": "unheard-of", "name": "示例", "en": "Example", "level": "city", "about": "person", "sharing": "conditional",
        "fields": [{"name": "status", "zh": "状况", "en": "status", "grade": 3}], "modes": ["verify"], "max_age_s": 60,
        "refuses_stale": False, "quota_per_day": 10, "url": "https://data.example.cn/x", "result_name": "示例", "summary": "示例",
        "domain": "示例", "update_cycle": "每日", "quality_owner": "示例", **_SOURCED,
    },
    "/data-items/{code}/review": {"outcome": "refuse", "reason": "示例"},
    "/data-items/{code}/departure": {
        "state": "deprecated", "sunset_at": "2099-01-01T00:00:00Z", "successor": "other-item", "reason": "示例",
    },
    "/demands": {
        "matter": "310101900000", "item": ITEM, "item_name": "示例", "purpose": "示例", "basis": "示例", "frequency": "逐件", **_SOURCED,
    },
    "/duties": {
        "item": ITEM, "supplier": "11310000TE5T01350P", "supplier_name": "示例", "update_cycle": "每日", "quality_owner": "示例",
        "basis": "示例", "due_on": "2099-01-01", **_SOURCED,
    },
    "/negative-list": {"item": "unheard-of", "reason": "示例", "basis": "示例", "review_on": "2099-01-01", **_SOURCED},
    "/scenes": {
        "name": "示例", "matters": ["310101900000"], "items": [{"item": ITEM, "mode": "query", "fields": ["status"], "why_query": "示例"}],
        "certificate_types": ["11310000TE5T90015G001"], "purpose": "示例", "basis": "示例", "daily_cap": 1, "valid_from": "2099-01-01",
        "valid_to": "2099-02-01", **_SOURCED,
    },
    "/scenes/{scene_id}/answers": {"outcome": "refuse", "reason": "示例"},
    "/scenes/{scene_id}/revocation": {"reason": "示例"},
    "/cases/{number}/data-items/{code}/verifications": {"scene": _ID, "subject": "applicant", "claims": {"status": "示例"}},
    "/cases/{number}/data-items/{code}/queries": {
        "scene": _ID, "subject": {"type": "RIC", "number": "31999919900515001X"}, "fields": ["status"],
    },
}  # fmt: skip
