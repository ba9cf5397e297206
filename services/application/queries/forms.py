"""The form of a matter for one applicant: what is there already, how old it is, and how each material may be given."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from contracts.api import application as api
from contracts.api.catalogue import Definition, Material
from contracts.api.certificate import Holding
from contracts.api.identity.organisations import OrganisationProfile
from contracts.api.identity.persons import Profile
from services.application.domain.sources import held, is_obtained, shown, valid_until

_WAYS: Final = {"commitment": "commitment", "data_check": "waived", "agency_help": "waived"}


def form(definition: Definition, profile: Profile | OrganisationProfile, holdings: Sequence[Holding] | None, *, at: datetime) -> api.Form:
    """The form prefilled; `holdings` is None while the certificate service is away."""
    fields = [_prefilled(definition, name, profile, at) for name in definition.field_titles]
    return api.Form(
        task_code=definition.task_code,
        version=definition.version,
        name=definition.name,
        form_schema=definition.form_schema,
        fields=fields,
        materials=[_wanted(material, holdings) for material in definition.materials],
        illustrative=definition.illustrative,
        situation=definition.situation,
    )


def _prefilled(definition: Definition, name: str, profile: Profile | OrganisationProfile, at: datetime) -> api.Prefilled:
    title, source = definition.field_titles[name], definition.field_sources.get(name)
    found = held(source, profile)
    if found is None:
        return api.Prefilled(name=name, title=title, is_obtained=is_obtained(source))
    value, until = shown(source, found.value, profile), valid_until(definition, name, found)
    return api.Prefilled(
        name=name,
        title=title,
        value=value,
        is_masked=value != found.value,
        source=found.source,
        at=found.at,
        age_days=max(0, (at - found.at).days),
        valid_until=until,
        is_stale=until is not None and until < at,
    )


def _wanted(material: Material, holdings: Sequence[Holding] | None) -> api.WantedMaterial:
    said: dict[str, Any] = {"code": material.code, "name": material.name, "is_required": material.is_required, "note": material.note}
    said |= {"deferrable_days": material.deferrable_days, "formats": material.formats}
    if material.exemption in _WAYS:
        return api.WantedMaterial.model_validate({**said, "how": _WAYS[material.exemption]})
    if material.certificate_type is None:
        return api.WantedMaterial.model_validate({**said, "how": "upload"})
    if holdings is None:
        return api.WantedMaterial.model_validate({**said, "how": "unknown"})
    holding = next((each for each in holdings if each.type == material.certificate_type), None)
    if holding is None:
        return api.WantedMaterial.model_validate({**said, "how": "upload"})
    return api.WantedMaterial.model_validate(
        {
            **said,
            "how": "held",
            "certificate_id": holding.certificate_id,
            "certificate_name": holding.name,
            "number_masked": holding.number_masked,
        }
    )
