"""用户管理: for which person a party calls, how sure the city is of them, and which officer acts."""

from contracts.headers import OPERATOR
from contracts.problems import gateway as problems
from contracts.values import OfficerId
from gateway.decision import NOT_APPLICABLE, Deny
from gateway.walk import Walk

_WITH_OFFICERS = frozenset({"operator", "district", "department"})


def check(walk: Walk) -> Deny | str | None:
    """Takes the person from the access token and the officer from the signed header."""
    if walk.party is None:
        return NOT_APPLICABLE
    if walk.token is not None:
        walk.person = walk.token.person
        walk.assurance = walk.token.assurance if walk.person else 0
        walk.auth_time = walk.token.auth_time
    if walk.audience == "person" and walk.person is None:
        return Deny(problems.PERSON_REQUIRED, "person", headers=(("www-authenticate", 'Bearer realm="tongban"'),))
    return _officer(walk)


def _officer(walk: Walk) -> Deny | None:
    """Only a signature proves who named the officer, so without one the header is not there."""
    said = walk.incoming.header(OPERATOR)
    if said is None or walk.signed is None or walk.party is None:
        return None
    if walk.party.kind not in _WITH_OFFICERS or said not in walk.party.officers:
        return Deny(problems.OFFICER_NOT_REGISTERED, "officer")
    walk.officer = OfficerId(said)
    return None
