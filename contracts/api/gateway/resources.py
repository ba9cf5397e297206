"""资源管理: what is registered."""

from contracts.strict import Answer


class Resource(Answer):
    """A registered route with its guard, as the service that owns it declares it."""

    service: str
    method: str
    path: str
    permission: str
    audience: str
    assurance: int
    grade: int
    state: str
