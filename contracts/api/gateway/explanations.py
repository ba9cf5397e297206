"""授权管理: why a decision was as it was, and what another version would have said."""

from contracts.api.gateway.decisions import Decision
from contracts.api.gateway.policies import PolicySentence
from contracts.strict import Answer


class Replayed(Answer):
    """The decision made again from its recorded facts. `policies` determined it; none when nothing permitted it."""

    policy_version: int
    result: str
    policies: list[PolicySentence]


class Explanation(Answer):
    """`recorded` as it was; `replayed` is absent, and `is_equal` too, when the request never came to the authorisation."""

    recorded: Decision
    replayed: Replayed | None = None
    is_equal: bool | None = None
