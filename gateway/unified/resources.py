"""资源管理: only what is registered can be reached, and only while it is in use."""

from contracts.problems import gateway as problems
from gateway.decision import Deny
from gateway.walk import Walk


def check(walk: Walk) -> Deny | None:
    if walk.found.resource is None:
        if walk.found.allowed:
            return Deny(problems.RESOURCE_METHOD, "method", headers=(("allow", ", ".join(walk.found.allowed)),))
        return Deny(problems.RESOURCE_NOT_REGISTERED, "registered")
    if walk.found.resource.state != "active":
        return Deny(problems.RESOURCE_NOT_ACTIVE, "state")
    return None
