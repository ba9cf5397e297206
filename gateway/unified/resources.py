"""资源管理: only what is registered can be reached, and only while it is in use."""

from contracts.problems import gateway as problems
from gateway.decision import Deny
from gateway.snapshot import Resource
from gateway.walk import Walk


def check(walk: Walk) -> Deny | None:
    resource = walk.found.resource
    if resource is None:
        if walk.found.allowed:
            return Deny(problems.RESOURCE_METHOD, "method", headers=(("allow", ", ".join(walk.found.allowed)),))
        return Deny(problems.RESOURCE_NOT_REGISTERED, "registered")
    if resource.state not in {"active", "deprecated"}:
        return Deny(problems.RESOURCE_NOT_ACTIVE, "state", extensions=_after(resource))
    if resource.sunset_at is not None and walk.now >= resource.sunset_at:
        return Deny(problems.RESOURCE_SUNSET, "sunset", extensions=_after(resource))
    return None


def _after(resource: Resource) -> dict[str, str]:
    return {"successor": resource.successor} if resource.successor else {}
