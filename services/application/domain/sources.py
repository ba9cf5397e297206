"""Who vouches for what the dictionary of fields has a source for."""

from datetime import datetime, timedelta
from typing import Final

from contracts.api.catalogue import Definition
from contracts.api.identity.organisations import OrganisationProfile
from contracts.api.identity.persons import Profile, Sourced

OF_PERSONS: Final = {
    "identity.name": "name",
    "identity.resident_id": "resident_id",
    "identity.phone": "phone",
    "identity.sex": "sex",
    "identity.birth_on": "birth_on",
}
# What a form calls the applicant's name and number are, for an organisation, its name and credit code.
OF_ORGANISATIONS: Final = {
    "identity.name": "name",
    "identity.resident_id": "credit_code",
    "identity.credit_code": "credit_code",
    "identity.organisation_name": "name",
    "identity.representative_name": "representative_name",
}
# Where a case gets values that are not in the profile of the applicant.
_ELSEWHERE: Final = ("certificate.", "data_item.", "case.")
_MASKED: Final = frozenset({"identity.resident_id", "identity.phone"})


def held(source: str | None, profile: Profile | OrganisationProfile) -> Sourced | None:
    """What the dictionary's `source` vouches for about this applicant, if we know that source."""
    sources = OF_PERSONS if isinstance(profile, Profile) else OF_ORGANISATIONS
    name = sources.get(source or "")
    found: Sourced | None = getattr(profile, name) if name else None
    return found


def valid_until(definition: Definition, name: str, found: Sourced) -> datetime | None:
    """Until when the dictionary lets the field have what its source said then; none where it asks the source each time."""
    days = definition.field_max_age_days.get(name, 0)
    return found.at + timedelta(days=days) if days else None


def fresh(definition: Definition, name: str, profile: Profile | OrganisationProfile, *, at: datetime) -> Sourced | None:
    """What the field's source vouches for, unless it did so too long ago."""
    found = held(definition.field_sources.get(name), profile)
    until = valid_until(definition, name, found) if found else None
    return None if until is not None and until < at else found


def is_obtained(source: str | None) -> bool:
    """Whether the case gets the value by itself, so that nobody types it."""
    return source is not None and source.startswith(_ELSEWHERE)


def shown(source: str | None, held_value: str, profile: Profile | OrganisationProfile) -> str:
    """As the form shows it: what identifies or reaches a person stands there masked, first three and last four."""
    is_masked = isinstance(profile, Profile) and source in _MASKED
    return f"{held_value[:3]}{'*' * (len(held_value) - 7)}{held_value[-4:]}" if is_masked else held_value
