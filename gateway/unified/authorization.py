"""授权管理: whether this party, for this person, may use this resource. What is not granted is denied."""

from contracts.problems import gateway as problems
from gateway.decision import Deny
from gateway.snapshot import Resource
from gateway.walk import Walk

ACR = "urn:tongban:assurance:{}"


def check(walk: Walk) -> Deny | None:
    resource = walk.found.resource
    if resource is None or resource.permission not in walk.snapshot.granted.get(walk.kind, frozenset()):
        return Deny(
            problems.PERMISSION_NOT_GRANTED, f"policy:{walk.snapshot.policy_version}", f"{walk.kind} parties have no such permission"
        )
    walk.permissions = frozenset({resource.permission})
    if resource.audience == "operator" and walk.officer is None:
        return Deny(problems.PERMISSION_NOT_GRANTED, "officer-required", "an officer must be named and signed for")
    if resource.audience in {"person", "subject"}:
        return _sure_enough(walk, resource)
    return None


def _sure_enough(walk: Walk, resource: Resource) -> Deny | None:
    """Too little assurance or too old a sign-on is answered by a challenge to step up. Source: RFC 9470."""
    scheme = "DPoP" if walk.proof else "Bearer"
    if walk.assurance < resource.assurance:
        acr = ACR.format(resource.assurance)
        challenge = f'{scheme} error="insufficient_user_authentication", error_description="assurance {resource.assurance} is needed", acr_values="{acr}"'
        return Deny(
            problems.ASSURANCE_TOO_LOW,
            "assurance",
            f"assurance {resource.assurance} is needed, the sign-on has {walk.assurance}",
            (("www-authenticate", challenge),),
            {"required_assurance": resource.assurance, "assurance": walk.assurance, "acr_values": acr},
        )
    if resource.max_age_s is not None and walk.now - walk.auth_time > resource.max_age_s:
        challenge = f'{scheme} error="insufficient_user_authentication", max_age="{resource.max_age_s}"'
        return Deny(problems.SIGN_ON_TOO_OLD, "sign-on-age", "", (("www-authenticate", challenge),), {"max_age": resource.max_age_s})
    return None
