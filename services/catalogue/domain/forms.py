"""Forms as they follow from a matter and the dictionary: what is shown in a situation, what is typed, and what comes from whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from chassis.errors import NotFound
from contracts.api.catalogue import FieldOrigin, FormField, Material, Matter, Section
from contracts.api.catalogue.forms import Applying, Group, How
from contracts.api.catalogue.guiding import Situation
from contracts.problems import catalogue as problems

QUICK_FIELDS: Final = 8
"""快办: what is typed in three minutes. Source: the criteria of this catalogue, ADR-0042."""
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
# What identity and the registry vouch for, by who applies. What a form calls the applicant's name and number are, for an
# organisation, its name and credit code.
HELD: Final[Mapping[Applying, frozenset[str]]] = {
    "person": frozenset({"identity.name", "identity.resident_id", "identity.phone", "identity.sex", "identity.birth_on"}),
    "organisation": frozenset(
        {"identity.name", "identity.resident_id", "identity.credit_code", "identity.organisation_name", "identity.representative_name"}
    ),
}
_APPLICANT: Final = ("申请人", "the applicant")
_GROUPS: Final[Mapping[Group, tuple[str, str]]] = {
    "applicant": ("申请人信息", "The applicant"),
    "agent": ("代办人信息", "The agent"),
    "family": ("家庭成员信息", "The family"),
    "organisation": ("单位信息", "The organisation"),
    "address": ("地址与房屋", "Addresses and dwellings"),
    "place": ("场所信息", "The premises"),
    "staff": ("人员信息", "The staff"),
    "project": ("项目信息", "The project"),
    "vehicle": ("车辆与货物", "Vehicles and goods"),
    "animal": ("动物信息", "The animal"),
    "money": ("资金信息", "Money"),
    "time": ("时间", "Times"),
    "matter": ("申请内容", "The application"),
    "delivery": ("结果领取", "Delivery of the result"),
}


class NoSuchSituation(NotFound):
    problem = problems.SITUATION_NOT_FOUND


@dataclass(frozen=True, slots=True)
class Form:
    """What one kind of applicant meets in one situation. `required` are the fields that a submission must have."""

    sections: tuple[Section, ...]
    fields: tuple[FormField, ...]
    required: tuple[str, ...]
    how: Mapping[str, How]
    uploads: tuple[str, ...]

    @property
    def typed(self) -> tuple[str, ...]:
        return tuple(name for name, how in self.how.items() if how == "typed")

    @property
    def is_quick(self) -> bool:
        return len(self.typed) <= QUICK_FIELDS and not self.uploads


def situations_of(matter: Matter) -> tuple[Situation | None, ...]:
    """All situations of a matter; None stands for a matter that is the same for everybody."""
    tree = matter.guiding.situations if matter.guiding else None
    return tuple(tree.situations) if tree else (None,)


def situation_of(matter: Matter, code: str | None) -> Situation | None:
    """The situation with this code; None, all of the matter, for no code. Raises NoSuchSituation."""
    if code is None:
        return None
    found = next((each for each in situations_of(matter) if each is not None and each.code == code), None)
    if found is None:
        raise NoSuchSituation
    return found


def applying_to(matter: Matter) -> tuple[Applying, ...]:
    """Who can apply."""
    persons: tuple[Applying, ...] = ("person",) if "person" in matter.served else ()
    organisations: tuple[Applying, ...] = ("organisation",) if set(matter.served) - {"person"} else ()
    return (*persons, *organisations) or ("person",)


def layout_of(matter: Matter, fields: Sequence[FormField]) -> tuple[Section, ...]:
    """The matter's own sections, or one for each group of its fields."""
    if matter.layout:
        return tuple(matter.layout)
    by_group: dict[Group, list[str]] = {}
    for field in fields:
        by_group.setdefault(field.group, []).append(field.name)
    return tuple(Section(code=group, zh=zh, en=en, fields=by_group[group]) for group, (zh, en) in _GROUPS.items() if group in by_group)


def form_of(matter: Matter, fields: Sequence[FormField], situation: Situation | None, applying: Applying) -> Form:
    """`fields` are those of the matter's form, as its version keeps them."""
    sections = tuple(narrowed for each in layout_of(matter, fields) if (narrowed := _shown(each, situation)))
    shown = {name for section in sections for name in section.fields}
    optional = {name for section in sections for name in section.optional}
    present = tuple(field for field in fields if field.name in shown)
    how = {field.name: how_of(field, matter, applying) for field in present}
    required = tuple(name for name, way in how.items() if way in {"typed", "prefilled"} and name not in optional)
    uploads = tuple(each.code for each in materials_in(matter, situation) if each.is_required and _is_uploaded(each, applying))
    return Form(sections, present, required, how, uploads)


def _shown(section: Section, situation: Situation | None) -> Section | None:
    """What of a section is shown; outside all situations everything is."""
    if situation is None:
        return section
    if section.visible_when and situation.code not in section.visible_when:
        return None
    names = [name for name in section.fields if situation.fields is None or name in situation.fields]
    if not names:
        return None
    return section.model_copy(update={"fields": names, "optional": [name for name in section.optional if name in names]})


def materials_in(matter: Matter, situation: Situation | None) -> list[Material]:
    if situation is None or situation.materials is None:
        return list(matter.materials)
    return [each for each in matter.materials if each.code in situation.materials]


def _is_uploaded(material: Material, applying: Applying) -> bool:
    """Certificates of persons stand in for a material, those of organisations do not yet."""
    return material.exemption is None or (material.exemption == "certificate" and applying == "organisation")


def is_asked_anyway(field: FormField, matter: Matter) -> bool:
    return field.ask_anyway is not None or field.name in {each.field for each in matter.asked_anyway}


def how_of(field: FormField, matter: Matter, applying: Applying) -> How:
    """How a case comes by the value. What identity holds of persons only, organisations type, and the other way round."""
    source = field.source
    if source is None or is_asked_anyway(field, matter):
        return "typed"
    if source.holder in {"person", "organisation"}:
        return "prefilled" if source.path in HELD[applying] else "typed"
    return source.holder  # type: ignore[return-value]


def sources_of(fields: Sequence[FormField], matter: Matter) -> dict[str, str]:
    """Field → where intake finds it, for all that is not asked of the applicant."""
    return {field.name: field.source.path for field in fields if field.source and not is_asked_anyway(field, matter)}


def origins_of(form: Form, matter: Matter) -> list[FieldOrigin]:
    reasons = {each.field: each.reason.text for each in matter.asked_anyway}
    return [_origin(field, form.how[field.name], reasons.get(field.name, field.ask_anyway)) for field in form.fields]


def _origin(field: FormField, how: How, reason: str | None) -> FieldOrigin:
    source = field.source
    zh, en = (source.zh, source.en) if source and how != "typed" else _APPLICANT
    return FieldOrigin(
        name=field.name,
        how=how,
        path=source.path if source else None,
        holder_zh=zh,
        holder_en=en,
        max_age_days=source.max_age_days if source and how != "typed" else None,
        grade=field.grade,
        reason=reason if how == "typed" else None,
    )


def schema_of(form: Form, *, read_only: bool = False) -> dict[str, Any]:
    """JSON Schema 2020-12 of the whole form. `read_only` marks what the applicant does not type."""
    properties = {}
    for field in form.fields:
        marks = {"readOnly": True} if read_only and form.how[field.name] != "typed" else {}
        properties[field.name] = _property(field) | marks
    return {
        "$schema": _DIALECT,
        "type": "object",
        "properties": properties,
        "required": list(form.required),
        "additionalProperties": False,
    }


def _property(field: FormField) -> dict[str, Any]:
    """`x-en` says title and description in English; choices are `oneOf` constants with titles of both languages."""
    described = {"description": field.help_zh} if field.help_zh else {}
    english = {"title": field.en} | ({"description": field.help_en} if field.help_en else {})
    choices = {"oneOf": [{"const": each.value, "title": each.zh, "x-en": {"title": each.en}} for each in field.options]}
    return {"title": field.zh, **described, "x-en": english, **field.value, **(choices if field.options else {})}


def quick_situations(matter: Matter, fields: Sequence[FormField]) -> list[str | None]:
    """快办 situations by code, for one kind of applicant at least; [None] where the whole matter is one. Computed, whatever the
    matter claims."""
    return [
        situation.code if situation else None
        for situation in situations_of(matter)
        if any(form_of(matter, fields, situation, applying).is_quick for applying in applying_to(matter))
    ]
