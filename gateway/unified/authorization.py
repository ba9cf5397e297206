"""授权管理: whether this party, for this person, in this scene, may use this resource. What no policy permits is denied."""

from collections.abc import Callable
from typing import Final

from contracts.problems import gateway as problems
from gateway.decision import Deny
from gateway.policies import NOBODY, Facts, Verdict, matter_in
from gateway.snapshot import Resource
from gateway.unified import portal
from gateway.walk import Walk

ACR = "urn:tongban:assurance:{}"
_NO_DUTIES: Final[frozenset[str]] = frozenset()
_NO_MATTERS: Final[tuple[str, ...]] = ()


def check(walk: Walk) -> Deny | None:
    """Decides by the policies of the walk's snapshot, once for all requests that differ in nothing they depend on."""
    resource = walk.found.resource
    if resource is None:
        return Deny(problems.PERMISSION_NOT_GRANTED, "registered")
    walk.channel = walk.channel or portal.named(walk)
    policies, party, token, officer = walk.snapshot.policies, walk.party, walk.token, walk.officer
    key = (
        party.id if party is not None else NOBODY,
        resource.path,
        resource.method,
        token.subject_type if token is not None else "",
        walk.assurance,
        resource.max_age_s is None or walk.now - walk.auth_time <= resource.max_age_s,
        walk.actor is not None,
        officer is not None,
        party.duties.get(officer, _NO_DUTIES) if party is not None and officer is not None else _NO_DUTIES,
        walk.environment,
        walk.channel,
        walk.scene,
        walk.purpose,
        token.mandate_matters if token is not None else _NO_MATTERS,
        matter_in(resource.path, walk.incoming.path) if policies.reads_matter else "",
    )
    verdict = policies.recall(key) or policies.decide(key, facts_of(walk, resource))
    walk.facts = verdict.facts
    if verdict.is_granted:
        walk.permissions = verdict.permissions
        return None
    return _REFUSALS[verdict.refusal](walk, resource, verdict)


def facts_of(walk: Walk, resource: Resource) -> Facts:
    party, token = walk.party, walk.token
    return Facts(
        party=party.id if party else NOBODY,
        kind=walk.kind,
        agency=(party.agency or "") if party else "",
        division=(party.division or "") if party else "",
        permission=resource.permission,
        route=resource.name,
        service=resource.service,
        audience=resource.audience,
        demanded=resource.assurance,
        grade=resource.grade,
        sharing=resource.sharing,
        state=resource.state,
        owner=resource.owner,
        subject=token.subject_type if token else "",
        assurance=walk.assurance,
        fresh=resource.max_age_s is None or walk.now - walk.auth_time <= resource.max_age_s,
        acts_for=walk.actor is not None,
        officer=walk.officer is not None,
        duties=tuple(sorted(party.duties.get(walk.officer, ()))) if party and walk.officer else (),
        environment=walk.environment,
        channel=walk.channel,
        scene=walk.scene,
        purpose=walk.purpose,
        # Where no policy reads it, these facts stand for requests about any matter.
        matter=matter_in(resource.path, walk.incoming.path) if walk.snapshot.policies.reads_matter else "",
        matters=token.mandate_matters if token else (),
    )


def _not_granted(walk: Walk, _resource: Resource, verdict: Verdict) -> Deny:
    because = verdict.because
    if because is None:
        return Deny(problems.PERMISSION_NOT_GRANTED, verdict.rule, f"no policy permits this to {walk.kind} parties in this scene")
    return Deny(problems.PERMISSION_NOT_GRANTED, verdict.rule, because.en, extensions=_sentence(verdict))


def _assurance_too_low(walk: Walk, resource: Resource, verdict: Verdict) -> Deny:
    """Too little assurance is answered by a challenge to step up. Source: RFC 9470."""
    acr = ACR.format(resource.assurance)
    needed = f'error_description="assurance {resource.assurance} is needed", acr_values="{acr}"'
    return Deny(
        problems.ASSURANCE_TOO_LOW,
        verdict.rule,
        f"assurance {resource.assurance} is needed, the sign-on has {walk.assurance}",
        (("www-authenticate", f'{_scheme(walk)} error="insufficient_user_authentication", {needed}'),),
        {"required_assurance": resource.assurance, "assurance": walk.assurance, "acr_values": acr, **_sentence(verdict)},
    )


def _sign_on_too_old(walk: Walk, resource: Resource, verdict: Verdict) -> Deny:
    challenge = f'{_scheme(walk)} error="insufficient_user_authentication", max_age="{resource.max_age_s}"'
    said = {"max_age": resource.max_age_s, **_sentence(verdict)}
    return Deny(problems.SIGN_ON_TOO_OLD, verdict.rule, "", (("www-authenticate", challenge),), said)


def _scheme(walk: Walk) -> str:
    return "DPoP" if walk.proof else "Bearer"


def _sentence(verdict: Verdict) -> dict[str, str]:
    """The policy that refused, as a lawyer would read it out."""
    return {"policy": verdict.because.id, "policy_zh": verdict.because.zh, "policy_en": verdict.because.en} if verdict.because else {}


_REFUSALS: Final[dict[str, Callable[[Walk, Resource, Verdict], Deny]]] = {
    problems.PERMISSION_NOT_GRANTED.code: _not_granted,
    problems.ASSURANCE_TOO_LOW.code: _assurance_too_low,
    problems.SIGN_ON_TOO_OLD.code: _sign_on_too_old,
}
