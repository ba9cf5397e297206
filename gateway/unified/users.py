"""用户管理: for which person a party calls, how sure the city is of them, and which officer acts."""

from contracts.headers import OPERATOR
from contracts.problems import common
from contracts.problems import gateway as problems
from contracts.values import MandateId, OfficerId, OrganisationId, PersonId
from gateway.decision import NOT_APPLICABLE, Deny
from gateway.walk import AccessToken, Walk

_FOR_SUBJECTS = frozenset({"person", "subject"})
_WITH_OFFICERS = frozenset({"operator", "district", "department"})


def check(walk: Walk) -> Deny | str | None:
    """Takes the person from the access token and the officer from the signed header."""
    if walk.party is None:
        return NOT_APPLICABLE
    if walk.token is not None:
        _recognise(walk, walk.token)
    if walk.audience in _FOR_SUBJECTS and walk.person is None and walk.organisation is None:
        return Deny(problems.PERSON_REQUIRED, "person", headers=(("www-authenticate", 'Bearer realm="tongban"'),))
    if walk.audience == "person" and (walk.actor is not None or walk.person is None):
        return Deny(common.NOT_BY_MANDATE, "acts-for-themself")
    return _officer(walk)


def _recognise(walk: Walk, token: AccessToken) -> None:
    walk.person = token.person
    if token.subject_type == "organisation":
        walk.organisation = OrganisationId(token.subject)
    if token.actor:
        walk.actor, walk.mandate = PersonId.read(token.actor), MandateId.read(token.mandate)
    walk.auth_time = token.auth_time
    walk.assurance = token.assurance if walk.person or walk.organisation else 0


def _officer(walk: Walk) -> Deny | None:
    """From a staff token, or from the header of a signed request: only a signature proves who named the officer."""
    if walk.token is not None and walk.token.subject_type == "staff":
        return _staff(walk, walk.token)
    said = walk.incoming.header(OPERATOR)
    if said is None or walk.signed is None or walk.party is None:
        return None
    if walk.party.kind not in _WITH_OFFICERS or said not in walk.party.officers:
        return Deny(problems.OFFICER_NOT_REGISTERED, "officer")
    walk.officer = OfficerId(said)
    return None


def _staff(walk: Walk, token: AccessToken) -> Deny | None:
    """Staff work through a system of their own agency: a citizens' app cannot lend itself their powers."""
    officer = OfficerId.read(token.officer)
    if officer is None or walk.party is None or walk.party.kind not in _WITH_OFFICERS or token.agency != walk.party.agency:
        return Deny(problems.OFFICER_NOT_REGISTERED, "staff-of-another-agency")
    walk.officer = officer
    return None
