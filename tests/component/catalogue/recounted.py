"""Lists and metrics counted once more, over what was exported, by somebody who does not know how the service counts."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

from deploy.local import seed as committed
from tests.component.catalogue.conftest import Desk, seed

Raw = dict[str, Any]
SAID = {"provenance": "illustrative"}
HUANGPU = "310101"
SOURCED = {each["name"] for each in seed()["fields"] if each.get("source")}


async def whole(desk: Desk, path: str) -> list[Raw]:
    """All pages of a list."""
    items: list[Raw] = []
    after = ""
    while True:
        answer = await desk.get(f"{path}{'&' if '?' in path else '?'}{after}")
        assert answer.status_code == 200, answer.text
        page = answer.json()
        items += page["items"]
        if page["next"] is None:
            assert len(items) == page["total"]
            return items
        after = f"after={page['next']}"


async def metrics_of(desk: Desk, query: str = "") -> dict[str, Raw]:
    answer = await desk.get(f"/metrics/catalogue{query}")
    assert answer.status_code == 200, answer.text
    return {each["code"]: each for each in answer.json()["metrics"]}


def applied_for(matter: Raw) -> bool:
    return matter["basic_code"][2:4] in {"01", "05", "07", "08", "09", "10", "20"}


def facing(matter: Raw) -> bool:
    return applied_for(matter) and ("person" in matter["served"] or "enterprise" in matter["served"])


def street(matter: Raw) -> bool:
    districts = [each for each in matter["implementations"] if each["task_code"][18] in "456"]
    return applied_for(matter) and "person" in matter["served"] and "window" in matter["channels"] and bool(districts)


LISTS: dict[str, Callable[[Raw], Any]] = {
    "powers": lambda matter: "01" <= matter["basic_code"][2:4] <= "10",
    "public-services": lambda matter: matter["basic_code"][2] == "2",
    "zero-visit": lambda matter: applied_for(matter) and matter["visits"] == 0,
    "one-visit": lambda matter: applied_for(matter) and matter["visits"] in {0, 1},
    "at-home": lambda matter: matter.get("delivery", {}).get("at_home"),
    "automatic": lambda matter: matter.get("automatic"),
    "city-wide": lambda matter: street(matter) and not matter.get("city_wide_exception"),
    "not-city-wide": lambda matter: matter.get("city_wide_exception"),
    "cross-province": lambda matter: {"nation", "province"} & set(matter.get("cross_region", [])),
    "tolerance": lambda matter: any(each.get("deferrable_days") for each in matter["materials"]),
    "commitment": lambda matter: matter.get("commitment") or any(each.get("exemption") == "commitment" for each in matter["materials"]),
    "fees": lambda matter: matter.get("fees"),
    "intermediaries": lambda matter: matter.get("intermediaries"),
    "special-procedures": lambda matter: any(each.get("working_days") is not None for each in matter.get("special_procedures", [])),
}


def online(matter: Raw) -> bool:
    depth = set(matter["depth"])
    return bool((depth >= {4, 5, 6} and matter["visits"] == 0) or (depth & {3, 4} and matter["visits"] <= 1))


def required(matter: Raw) -> int:
    return len([each for each in matter["materials"] if each["is_required"]])


def share(base: Iterable[Raw], holds: Callable[[Raw], Any]) -> tuple[int, int]:
    all_of_them = list(base)
    return len([each for each in all_of_them if holds(each)]), len(all_of_them)


def situations(matter: Raw) -> list[Raw]:
    guiding = matter.get("guiding") or {}
    said: list[Raw] = (guiding.get("situations") or {}).get("situations", [])
    return [each | {"is_quick": each.get("is_quick", False)} for each in said]


def easy(matter: Raw) -> bool:
    guiding = matter.get("guiding") or {}
    return bool(guiding.get("eligibility") and guiding.get("prereview") and SOURCED.intersection(matter["form"]))


def recount(matters: list[Raw], first: dict[str, Raw], windows: list[Raw]) -> dict[str, tuple[int, int]]:
    """Numerators and denominators by the words of the formulas, over plain JSON."""
    base = [each for each in matters if facing(each)]
    issued = [material for each in matters for material in each["materials"] if material["source"] == "government"]
    statutory = sum(each["statutory"]["working_days"] for each in matters)
    at_first = sum(required(first[each["basic_code"]]) for each in matters)
    serving = [each for each in windows if each["purpose"] == "service"]
    return {
        "online": share(base, online),
        "zero-visit": share(base, lambda each: each["visits"] == 0),
        "one-visit": share(base, lambda each: each["visits"] < 2),
        "immediate": share([each for each in base if "window" in each["channels"]], lambda each: each["is_immediate"]),
        "comprehensive-windows": (
            sum(each["windows"] for each in serving if each["does"].get("is_comprehensive")), sum(each["windows"] for each in serving),
        ),
        "city-wide": share(filter(street, matters), lambda each: not each.get("city_wide_exception")),
        "waivable-materials": share(issued, lambda each: each.get("exemption")),
        "fewer-materials": (at_first - sum(map(required, matters)), at_first),
        "shorter-time": (statutory - sum(each["promised"]["working_days"] for each in matters), statutory),
        "online-filing": share(matters, lambda each: {2, 3, 4} & set(each["depth"])),
        "online-query": share(matters, lambda each: {4, 5} & set(each["depth"])),
        "progress-shown": share(matters, lambda each: 5 in each["depth"]),
        "online-rating": share(matters, applied_for),
        "easy": share(base, easy),
        "fast": share(base, lambda each: any(one["is_quick"] for one in situations(each))),
        "online-feedback": share(matters, lambda each: 6 in each["depth"]),
    }  # fmt: skip


def counted(metrics: dict[str, Raw]) -> dict[str, tuple[int, int]]:
    return {code: (each["numerator"], each["denominator"]) for code, each in metrics.items() if each["unavailable"] is None}


def mutated(document: Raw) -> Raw:
    """Every element that a list or a metric looks at becomes another one in some matter."""
    matters: list[Raw] = document["matters"]
    matters[0] |= {"visits": 1, "visit_reason": {"text": "须当面核验", **SAID}, "delivery": {"at_home": True}}
    matters[1] |= {"visits": 3, "depth": [1, 2], "city_wide_exception": {"text": "须现场勘验", **SAID}}
    matters[2] |= {"automatic": {"text": "示例规则", **SAID}, "cross_region": ["province"], "depth": [8]}
    matters[3] |= {"fees": [{"text": "示例工本费", **SAID}], "intermediaries": [{"text": "示例报告", **SAID}]}
    matters[4] |= {"special_procedures": [{"name": "听证", "text": "示例", "working_days": 20, **SAID}], "channels": ["pc"]}
    for each in (matters[5], matters[7]):
        # What it says of materials and of whom it serves would not fit any more.
        del each["guiding"]
    matters[5]["materials"] = [{**each, "deferrable_days": 5} for each in matters[5]["materials"]][:1]
    matters[6]["commitment"] = {"text": "承诺属实", "check": "抽查", **SAID}
    matters[7] |= {"served": ["enterprise"], "is_immediate": False, "promised": matters[7]["statutory"]}
    matters[8]["materials"] = matters[8]["materials"] + [
        {"code": "more", "name": "另一项", "source": "government", "is_required": True, **SAID}
    ]
    del matters[9]["implementations"][3:]
    return document


def of_division(matters: list[Raw], division: str) -> list[Raw]:
    return [each for each in matters if any(one["task_code"][2:8] == division for one in each["implementations"])]


async def agrees(desk: Desk, matters: list[Raw], first: dict[str, Raw]) -> None:
    windows = [each for each in committed.points()["points"] if each["kind"] == "window"]
    for division in ("", HUANGPU, "310151", "310000"):
        some = of_division(matters, division) if division else matters
        query = f"?division={division}" if division else ""
        for code, holds in LISTS.items():
            listed = await whole(desk, f"/lists/{code}{query}")
            assert [each["basic_code"] for each in listed] == sorted(each["basic_code"] for each in some if holds(each)), (code, division)
            assert all(each["reasons"] for each in listed)
        theirs = [each for each in windows if each["division"] == division or not division]
        expected = recount(some, first, theirs)
        if not theirs:
            del expected["comprehensive-windows"]
        metrics = await metrics_of(desk, query)
        assert counted(metrics) == expected, division
        for code, (numerator, denominator) in expected.items():
            value = metrics[code]["value"]
            assert value == (round(float(Fraction(numerator, denominator)), 4) if denominator else None), code
