from sqlalchemy import select

from chassis.database import ReadSession
from chassis.errors import NotFound
from contracts.api import gateway as api
from contracts.problems import gateway as problems
from gateway.registry.queries.decisions import present
from gateway.registry.queries.policies import facts_in, sentence, unversioned, version_in
from gateway.registry.tables import decisions


class NoSuchDecision(NotFound):
    problem = problems.DECISION_NOT_FOUND


async def explanation(session: ReadSession, request_id: str, version: int | None) -> api.Explanation:
    """The decision again from its recorded facts, by `version` or by the one that made it.

    By another version the numbers of the versions are no difference. Raises NoSuchDecision, NoSuchPolicyVersion.
    """
    row = (await session.execute(select(decisions).where(decisions.c.request_id == request_id))).one_or_none()
    if row is None:
        raise NoSuchDecision
    recorded = present(row)
    if not row.facts:
        return api.Explanation(recorded=recorded)
    policies = await version_in(session, version if version is not None else row.policy_version)
    verdict = policies.judge(facts_in(row))
    said = row.rooms["authorisation"]
    is_equal = verdict.result == said if policies.version == row.policy_version else unversioned(verdict.result) == unversioned(said)
    because = [sentence(policies.texts[each]) for each in verdict.policies]
    replayed = api.Replayed(policy_version=policies.version, result=verdict.result, policies=because)
    return api.Explanation(recorded=recorded, replayed=replayed, is_equal=is_equal)
