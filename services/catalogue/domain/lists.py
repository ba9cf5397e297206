"""What lists of matters there are 清单, and what of a matter puts it on each. A list is never written down: it follows from what is
in force. Source: ADR-0044."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from contracts.api.catalogue import Element, ListCode, Matter, MatterList, Reason
from contracts.values import MatterType
from services.catalogue.domain.terms import is_applied_for, is_city_wide_kind, is_power, is_public_service

Reasons = Callable[[Matter], Iterable[Reason]]


@dataclass(frozen=True, slots=True)
class Definition:
    """`reasons` yields what puts a matter on the list; nothing: it is not on it."""

    said: MatterList
    reasons: Reasons


def reasons_of(matter: Matter) -> dict[ListCode, tuple[Reason, ...]]:
    """The lists that a matter is on, each with why."""
    found = {each.said.code: tuple(each.reasons(matter)) for each in DEFINITIONS.values()}
    return {code: reasons for code, reasons in found.items() if reasons}


def _element(name: str, element: Element | None) -> list[Reason]:
    return [] if element is None else [Reason(element=name, text=element.text, provenance=element.provenance)]


def _elements(name: str, elements: Iterable[Element]) -> list[Reason]:
    return [each for place, element in enumerate(elements) for each in _element(f"{name}[{place}]", element)]


def _powers(matter: Matter) -> list[Reason]:
    return _elements("basis", matter.basis) if is_power(matter) else []


def _public_services(matter: Matter) -> list[Reason]:
    return _elements("basis", matter.basis) if is_public_service(matter) else []


def _visits(matter: Matter) -> list[Reason]:
    return [Reason(element="visits", text=f"到办事现场次数：{matter.visits}"), *_element("visit_reason", matter.visit_reason)]


def _zero_visit(matter: Matter) -> list[Reason]:
    return _visits(matter) if is_applied_for(matter) and matter.visits == 0 else []


def _one_visit(matter: Matter) -> list[Reason]:
    return _visits(matter) if is_applied_for(matter) and matter.visits <= 1 else []


def _at_home(matter: Matter) -> list[Reason]:
    return [Reason(element="delivery.at_home", text="可上门办理")] if matter.delivery.at_home else []


def _automatic(matter: Matter) -> list[Reason]:
    return _element("automatic", matter.automatic)


def _city_wide(matter: Matter) -> list[Reason]:
    if not is_city_wide_kind(matter) or matter.city_wide_exception is not None:
        return []
    return [Reason(element="served", text="面向个人，区级及以下窗口受理，未列入负面清单")]


def _not_city_wide(matter: Matter) -> list[Reason]:
    return _element("city_wide_exception", matter.city_wide_exception)


def _cross_province(matter: Matter) -> list[Reason]:
    words = {"nation": "全国通办", "province": "跨省通办"}
    return [Reason(element="cross_region", text=words[reach]) for reach in matter.cross_region if reach in words]


def _tolerance(matter: Matter) -> list[Reason]:
    return [
        Reason(element=f"materials[{place}]", text=each.name, working_days=each.deferrable_days, provenance=each.provenance)
        for place, each in enumerate(matter.materials)
        if each.deferrable_days is not None
    ]


def _commitment(matter: Matter) -> list[Reason]:
    replaced = [
        Reason(element=f"materials[{place}]", text=each.name, provenance=each.provenance)
        for place, each in enumerate(matter.materials)
        if each.exemption == "commitment"
    ]
    return [*_element("commitment", matter.commitment), *replaced]


def _fees(matter: Matter) -> list[Reason]:
    return [
        Reason(element=f"fees[{place}]", text="：".join([each.text, *filter(None, [each.standard])]), provenance=each.provenance)
        for place, each in enumerate(matter.fees)
    ]


def _intermediaries(matter: Matter) -> list[Reason]:
    return _elements("intermediaries", matter.intermediaries)


def _special_procedures(matter: Matter) -> list[Reason]:
    return [
        Reason(element=f"special_procedures[{place}]", text=each.name, working_days=each.working_days, provenance=each.provenance)
        for place, each in enumerate(matter.special_procedures)
        if each.working_days is not None
    ]


_POWERS: Final = f"{MatterType.LICENCE}-{MatterType.OTHER}"

_ROWS: Final[tuple[tuple[ListCode, Reasons, str, str, str, str, str], ...]] = (
    (
        ListCode.POWERS, _powers, "权责清单", "权责事项清单", "Administrative powers and duties",
        f"基本编码所载事项类型为行政权力（{_POWERS}）的在用事项，附设定依据。",
        f"Matters in force whose basic code names an administrative power (types {_POWERS}), with their legal basis.",
    ),
    (
        ListCode.PUBLIC_SERVICES, _public_services, "公共服务事项目录", "公共服务事项清单", "Public services",
        "基本编码所载事项类型为公共服务（20-29）的在用事项，附设定依据。",
        "Matters in force whose basic code names a public service (types 20-29), with their legal basis.",
    ),
    (
        ListCode.ZERO_VISIT, _zero_visit, "零跑腿", "零跑腿事项清单", "Matters without a visit",
        "依申请办理、到办事现场次数为 0 的事项。", "Matters applied for that take no visit.",
    ),
    (
        ListCode.ONE_VISIT, _one_visit, "最多跑一次", "最多跑一次事项清单", "Matters with at most one visit",
        "依申请办理、到办事现场次数不超过 1 的事项，含零跑腿事项；须现场办理的，附原因。",
        "Matters applied for that take at most one visit, those without any included; with the reason for a visit.",
    ),
    (
        ListCode.AT_HOME, _at_home, "上门办", "上门办事项清单", "Matters done at the applicant's home",
        "指南载明可上门办理的事项。", "Matters whose guide says that they are done at the applicant's home.",
    ),
    (
        ListCode.AUTOMATIC, _automatic, "秒批", "秒批（无人工干预自动审批）事项清单", "Matters decided at once by rule",
        "指南载明按规则自动审批、无人工干预的事项，附审批规则。",
        "Matters whose guide says by what rule they are decided without an officer; with that rule.",
    ),
    (
        ListCode.CITY_WIDE, _city_wide, "全市通办", "全市通办事项清单", "Matters that any street centre accepts",
        "面向个人、依申请、由区级及以下机构窗口受理的事项，列入负面清单的除外。",
        "Matters for persons, applied for at a window of a district, street or community, except those on the negative list.",
    ),
    (
        ListCode.NOT_CITY_WIDE, _not_city_wide, "全市通办负面清单", "全市通办负面清单", "Negative list of city-wide acceptance",
        "指南载明不实行全市通办的事项，附原因。", "Matters whose guide says why they are not accepted city-wide; with that reason.",
    ),
    (
        ListCode.CROSS_PROVINCE, _cross_province, "跨省通办", "跨省通办事项清单", "Matters handled across provinces",
        "通办范围为全国或跨省的事项。", "Matters whose reach is the nation or other provinces.",
    ),
    (
        ListCode.TOLERANCE, _tolerance, "容缺受理", "容缺受理事项清单", "Matters accepted before every material is there",
        "至少一项材料可在受理后补交的事项，附材料及补交时限（工作日）。",
        "Matters of which a material may follow after acceptance; with the material and within how many working days.",
    ),
    (
        ListCode.COMMITMENT, _commitment, "告知承诺", "告知承诺事项清单", "Matters with notice and commitment",
        "实行告知承诺制，或至少一项材料可以书面承诺代替的事项，附承诺内容和被代替的材料。",
        "Matters granted on commitment, or of which a material is replaced by one; with what is committed to and what is replaced.",
    ),
    (
        ListCode.FEES, _fees, "收费清单", "收费事项清单", "Matters with a fee",
        "指南载有收费项目的事项，附收费项目和标准。", "Matters whose guide names a fee; with what it is for and how much.",
    ),
    (
        ListCode.INTERMEDIARIES, _intermediaries, "中介服务清单", "行政审批中介服务清单", "Matters that need an intermediary's service",
        "指南载有中介服务的事项，附服务内容。", "Matters whose guide names a service of an intermediary; with that service.",
    ),
    (
        ListCode.SPECIAL_PROCEDURES, _special_procedures, "特别程序清单", "特别程序及其时限清单", "Special procedures with their own limit",
        "办理中有听证、检验、鉴定、专家评审等特别程序且公布单独时限的事项，附程序和时限（工作日）。",
        "Matters with a special procedure that has a published limit of its own; with the procedure and its working days.",
    ),
)  # fmt: skip

DEFINITIONS: Final = {
    code: Definition(MatterList(code=code, zh=zh, en=en, policy=policy, rule_zh=rule_zh, rule_en=rule_en), reasons)
    for code, reasons, policy, zh, en, rule_zh, rule_en in _ROWS
}
