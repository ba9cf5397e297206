"""What a client may learn of a person, verified by the city or declared by themself, and of an officer at work."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from services.identity.domain.claims import CLAIMS_OF_SCOPE, SCOPE_OF_CLAIM
from services.identity.domain.persons import Person
from services.identity.domain.staff import Staff

_ALWAYS: Final[Mapping[str, Any]] = {"locale": "zh-CN", "zoneinfo": "Asia/Shanghai"}


def claims_of(person: Person) -> dict[str, Any]:
    """All claims about a person by their standard names. What the city has verified is never taken from what they declare."""
    verified = {
        "name": person.name,
        "gender": person.resident_id.sex if person.resident_id else None,
        "birthdate": person.birth_date.isoformat() if person.birth_date else None,
        "phone_number": f"+86{person.phone}" if person.phone else None,
        "phone_number_verified": True if person.phone else None,
    }
    known = {name: value for name, value in verified.items() if value is not None}
    said = {name: value for name, value in person.declared.items() if name in SCOPE_OF_CLAIM and value is not None}
    registered = {"updated_at": int(person.registered_at.timestamp())}
    unproven = {"email_verified": False} if "email" in said else {}
    return {**_ALWAYS, **registered, **said, **unproven, **known}


def released(claims: Mapping[str, Any], scope: str, named: Iterable[str] = ()) -> dict[str, Any]:
    """Those of the claims that a scope carries or that were asked for by name."""
    carried = {name for each in scope.split() for name in CLAIMS_OF_SCOPE.get(each, ())}
    return {name: value for name, value in claims.items() if name in carried.union(named)}


def claims_of_officer(officer: Staff, scope: str = "") -> dict[str, Any]:
    """Where an officer works and what their duties are, never anything of the person who they are at home."""
    known = {
        "officer": officer.number,
        "agency": officer.agency,
        "department": officer.department,
        "window": officer.window,
        "duties": list(officer.duties),
        "name": officer.name if "profile" in scope.split() else None,
    }
    return {name: value for name, value in known.items() if value is not None}
