"""The metrics of the catalogue: of each matter how much it adds to the numerator and to the denominator. Source: ADR-0044."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from contracts.api.catalogue import Matter, Metric, MetricCode
from contracts.problems import Titles
from services.catalogue.domain.terms import depth_grade, is_applied_for, is_city_wide_kind


@dataclass(frozen=True, slots=True)
class Beside:
    """What a version has beside the elements of its guide: guiding, prefilled fields, and the materials that were required when the
    matter was first published."""

    prejudged: bool
    prereviewed: bool
    quick: bool
    prefilled: bool
    first_required: int


@dataclass(frozen=True, slots=True)
class Part:
    """What a matter adds; below its denominator it lacks `why`."""

    numerator: int
    denominator: int
    why: Titles


PartOf = Callable[[Matter, Beside], Part | None]
"""None: the matter is not in the base."""


def required(matter: Matter) -> int:
    return sum(each.is_required for each in matter.materials)


def parts_of(matter: Matter, beside: Beside) -> dict[MetricCode, Part]:
    found = {code: part_of(matter, beside) for code, part_of in RULES.items()}
    return {code: part for code, part in found.items() if part is not None}


def metric(code: MetricCode, parts: Iterable[Part]) -> Metric:
    """All parts together. Nothing to count is no value, not zero."""
    counted = list(parts)
    numerator, denominator = sum(each.numerator for each in counted), sum(each.denominator for each in counted)
    value = round(numerator / denominator, 4) if denominator else None
    return Metric(code=code, name=NAMES[code], formula=FORMULAS[code], numerator=numerator, denominator=denominator, value=value)


def unavailable(code: MetricCode, why: Titles) -> Metric:
    return Metric(code=code, name=NAMES[code], formula=FORMULAS[code], numerator=None, denominator=None, value=None, unavailable=why)


def _share(base: Callable[[Matter], bool], holds: Callable[[Matter, Beside], bool], zh: str, en: str) -> PartOf:
    """A metric that counts matters."""
    why = Titles(zh=zh, en=en)

    def part(matter: Matter, beside: Beside) -> Part | None:
        return Part(int(holds(matter, beside)), 1, why) if base(matter) else None

    return part


def _for_people_and_firms(matter: Matter) -> bool:
    return is_applied_for(matter) and bool({"person", "enterprise"} & set(matter.served))


def _in_halls(matter: Matter) -> bool:
    return _for_people_and_firms(matter) and "window" in matter.channels


def _every(_: Matter) -> bool:
    return True


def _waivable(matter: Matter, _: Beside) -> Part | None:
    issued = [each for each in matter.materials if each.source == "government"]
    kept = [each.name for each in issued if each.exemption is None]
    names = "、".join(kept)
    return Part(len(issued) - len(kept), len(issued), Titles(zh=f"仍须提交：{names}", en=f"Still to be handed in: {names}"))


def _fewer(matter: Matter, beside: Beside) -> Part | None:
    now = required(matter)
    why = Titles(zh=f"首次发布时 {beside.first_required} 项，现 {now} 项", en=f"{beside.first_required} at first, {now} now")
    return Part(beside.first_required - now, beside.first_required, why)


def _shorter(matter: Matter, _: Beside) -> Part | None:
    statutory, promised = matter.statutory.working_days, matter.promised.working_days
    why = Titles(zh=f"法定 {statutory} 个工作日，承诺 {promised} 个工作日", en=f"{statutory} working days by law, {promised} promised")
    return Part(statutory - promised, statutory, why)


RULES: Final[dict[MetricCode, PartOf]] = {
    MetricCode.ONLINE: _share(
        _for_people_and_firms, lambda matter, _: depth_grade(matter) >= 3, "网办深度未达三级", "online handling below grade III"
    ),
    MetricCode.ZERO_VISIT: _share(_for_people_and_firms, lambda matter, _: matter.visits == 0, "须到现场", "takes a visit"),
    MetricCode.ONE_VISIT: _share(
        _for_people_and_firms, lambda matter, _: matter.visits <= 1, "须到现场两次及以上", "takes two visits or more"
    ),
    MetricCode.IMMEDIATE: _share(_in_halls, lambda matter, _: matter.is_immediate, "承诺件", "promised, not immediate"),
    MetricCode.CITY_WIDE: _share(
        is_city_wide_kind, lambda matter, _: matter.city_wide_exception is None, "列入负面清单", "on the negative list"
    ),
    MetricCode.WAIVABLE_MATERIALS: _waivable,
    MetricCode.FEWER_MATERIALS: _fewer,
    MetricCode.SHORTER_TIME: _shorter,
    MetricCode.ONLINE_FILING: _share(
        _every, lambda matter, _: bool({2, 3, 4} & set(matter.depth)), "网办深度无收件、预审或受理", "depth has no receiving, pre-review or acceptance"
    ),
    MetricCode.ONLINE_QUERY: _share(
        _every, lambda matter, _: bool({4, 5} & set(matter.depth)), "网办深度无受理或办理", "depth has neither acceptance nor handling"
    ),
    MetricCode.PROGRESS_SHOWN: _share(_every, lambda matter, _: 5 in matter.depth, "网办深度无办理", "depth has no handling"),
    MetricCode.ONLINE_RATING: _share(
        _every, lambda matter, _: is_applied_for(matter), "非依申请事项，不邀请评价", "not applied for, so nobody is asked to rate it"
    ),
    MetricCode.ONLINE_FEEDBACK: _share(_every, lambda matter, _: 6 in matter.depth, "网办深度无结果信息反馈", "depth has no feedback of the result"),
    MetricCode.EASY: _share(
        _for_people_and_firms,
        lambda _, beside: beside.prejudged and beside.prefilled and beside.prereviewed,
        "缺资格预判、智能预填或材料预审",
        "lacks pre-judgement, prefilled fields or pre-review",
    ),
    MetricCode.FAST: _share(_for_people_and_firms, lambda _, beside: beside.quick, "没有快办情形", "has no quick situation"),
}  # fmt: skip

_BASE_ZH: Final = "面向个人和企业的依申请在用事项"
_BASE_EN: Final = "matters in force that persons or enterprises apply for"
_ALL_ZH: Final = "全部在用事项"
_ALL_EN: Final = "all matters in force"
_SAID: Final[dict[MetricCode, tuple[str, str, str, str]]] = {
    MetricCode.ONLINE: (
        "网上办比例", "Matters handled online",
        f"网办深度三级及以上的事项 ÷ {_BASE_ZH}", f"matters of depth grade III or IV / {_BASE_EN}",
    ),
    MetricCode.ZERO_VISIT: (
        "零跑腿比例", "Matters without a visit", f"到办事现场次数为 0 的事项 ÷ {_BASE_ZH}", f"matters that take no visit / {_BASE_EN}",
    ),
    MetricCode.ONE_VISIT: (
        "最多跑一次比例", "Matters with at most one visit",
        f"到办事现场次数不超过 1 的事项 ÷ {_BASE_ZH}", f"matters that take at most one visit / {_BASE_EN}",
    ),
    MetricCode.IMMEDIATE: (
        "即办事项比例", "Immediate matters",
        f"窗口办理的即办件事项 ÷ 窗口办理的{_BASE_ZH}", f"immediate ones / {_BASE_EN} at a window",
    ),
    MetricCode.COMPREHENSIVE_WINDOWS: (
        "综合窗口设置比例", "Comprehensive windows",
        "大厅综合窗口数 ÷ 大厅办事窗口数（不含咨询、取件和依法专设窗口）",
        "comprehensive windows of halls / their windows for service, those for consultation, pick-up and reserved by law left out",
    ),
    MetricCode.CITY_WIDE: (
        "全市通办率", "Matters accepted city-wide",
        "未列入负面清单的事项 ÷ 面向个人、依申请、由区级及以下机构窗口受理的在用事项",
        "those not on the negative list / matters in force for persons, applied for at a window of a district or below",
    ),
    MetricCode.WAIVABLE_MATERIALS: (
        "免交材料比例", "Materials that need not be handed in",
        f"可以免交的政府核发材料项数 ÷ 政府核发材料项数（{_ALL_ZH}；证照调用、数据核验、告知承诺、行政协助）",
        f"government-issued materials that can be waived in one of four ways / government-issued materials of {_ALL_EN}",
    ),
    MetricCode.FEWER_MATERIALS: (
        "材料减少率", "Fewer materials than at first",
        "（首次发布版本的必要材料项数 - 现行必要材料项数）÷ 首次发布版本的必要材料项数，基准为同一事项在本目录首次发布的版本",
        "(materials required by the first published version of the same matter - those required now) / those of the first version",
    ),
    MetricCode.SHORTER_TIME: (
        "时限压缩率", "Promised time under the statutory limit",
        f"（法定时限 - 承诺时限）÷ 法定时限，{_ALL_ZH}合计，工作日", f"(statutory - promised) / statutory working days, summed over {_ALL_EN}",
    ),
    MetricCode.ONLINE_FILING: (
        "网上申报", "Filed online", f"网办深度含收件、预审或受理的事项 ÷ {_ALL_ZH}", f"matters received, pre-reviewed or accepted online / {_ALL_EN}",
    ),
    MetricCode.ONLINE_QUERY: (
        "网上查询", "Queried online", f"网办深度含受理或办理的事项 ÷ {_ALL_ZH}", f"matters accepted or handled online / {_ALL_EN}",
    ),
    MetricCode.PROGRESS_SHOWN: (
        "进度公示", "Progress shown", f"网办深度含办理的事项 ÷ {_ALL_ZH}", f"matters handled online, whose every step is a record / {_ALL_EN}",
    ),
    MetricCode.ONLINE_RATING: (
        "网上评价", "Rated online", f"依申请事项（办结后一律邀请评价）÷ {_ALL_ZH}", f"matters applied for, after which everybody is asked to rate / {_ALL_EN}",
    ),
    MetricCode.ONLINE_FEEDBACK: (
        "网上反馈", "Result told online", f"网办深度含结果信息反馈的事项 ÷ {_ALL_ZH}", f"matters whose result is told online / {_ALL_EN}",
    ),
    MetricCode.EASY: (
        "好办覆盖", "Guided matters",
        f"有资格预判、智能预填和材料预审的事项 ÷ {_BASE_ZH}", f"matters with pre-judgement, prefilled fields and pre-review / {_BASE_EN}",
    ),
    MetricCode.FAST: (
        "快办覆盖", "Quick matters", f"至少有一个快办情形的事项 ÷ {_BASE_ZH}", f"matters with a quick situation / {_BASE_EN}",
    ),
    MetricCode.PACKAGES: ("一件事上线", "Packages online", "已上线的一件事 ÷ 计划的一件事", "packages online / packages planned"),
}  # fmt: skip

NAMES: Final = {code: Titles(zh=zh, en=en) for code, (zh, en, _, _) in _SAID.items()}
FORMULAS: Final = {code: Titles(zh=zh, en=en) for code, (_, _, zh, en) in _SAID.items()}
