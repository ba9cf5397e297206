import asyncio
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Row, select

from chassis.database import ReadSession
from contracts.api import gateway as api
from contracts.strict import Page
from gateway.policies import Facts, Policies, Policy, matter_in
from gateway.policies.text import read
from gateway.registry.domain.policies import PolicyTextIsNotAcceptable, PolicyVersion
from gateway.registry.repository import PolicyVersions, version_of
from gateway.registry.tables import decisions, policy_versions

_PAGE: Final = 100
_AT_ONCE: Final = 25


def present(version: PolicyVersion) -> api.PolicyVersion:
    return api.PolicyVersion(**_said(version))


def _said(version: PolicyVersion) -> dict[str, Any]:
    names = ("version", "digest", "state", "based_on", "note", "proposed_by", "proposed_at", "approved_by", "loaded_at")
    return {name: getattr(version, name) for name in names}


def sentence(policy: Policy) -> api.PolicySentence:
    return api.PolicySentence(
        id=policy.id, effect=policy.effect, zh=policy.zh, en=policy.en, refuses=policy.refuses, file=policy.file, line=policy.line
    )


async def all_versions(session: ReadSession, before: int | None) -> Page[api.PolicyVersion]:
    """Newest first."""
    query = select(policy_versions).order_by(policy_versions.c.version.desc()).limit(_PAGE + 1)
    if before is not None:
        query = query.where(policy_versions.c.version < before)
    rows = (await session.execute(query)).all()
    more = str(rows[_PAGE - 1].version) if len(rows) > _PAGE else None
    return Page(items=[present(version_of(row)) for row in rows[:_PAGE]], next=more)


async def text(session: ReadSession, version: int) -> api.PolicyText:
    """Raises NoSuchPolicyVersion."""
    known = await PolicyVersions(session).get(version)
    sentences = [sentence(policy) for policy in read(known.files)[0]]
    return api.PolicyText(**_said(known), files=dict(known.files), sentences=sentences)


async def preview(session: ReadSession, version: int, last: int) -> api.PolicyPreview:
    """Which of the newest decisions would change. Raises NoSuchPolicyVersion."""
    policies = await version_in(session, version)
    query = (
        select(decisions.c.request_id, decisions.c.route, decisions.c.path, decisions.c.rooms, decisions.c.facts)
        .where(decisions.c.facts.is_not(None) & (decisions.c.facts != {}))
        .order_by(decisions.c.id.desc())
        .limit(last)
    )
    rows = (await session.execute(query)).all()
    judged: dict[Facts, str] = {}
    changes: list[api.ChangedDecision] = []
    for place, row in enumerate(rows):
        facts, recorded = facts_in(row), row.rooms["authorisation"]
        if facts not in judged:
            judged[facts] = policies.judge(facts).result
        if unversioned(recorded) != unversioned(judged[facts]):
            changes.append(api.ChangedDecision(request_id=row.request_id, route=row.route, recorded=recorded, would_be=judged[facts]))
        if place % _AT_ONCE == 0:
            await asyncio.sleep(0)
    return api.PolicyPreview(decisions=len(rows), changed=len(changes), changes=changes[:_PAGE])


async def version_in(session: ReadSession, version: int) -> Policies:
    """Raises NoSuchPolicyVersion, and PolicyTextIsNotAcceptable for a text that this release cannot read any more."""
    files = (await PolicyVersions(session).get(version)).files
    try:
        return Policies(version, files)
    except ValueError as reason:
        raise PolicyTextIsNotAcceptable(str(reason)) from reason


def facts_in(row: Row[*tuple[Any, ...]]) -> Facts:
    """What a recorded decision was made by. The matter is in its path, also where no policy read it then."""
    facts = Facts.from_json(row.facts)
    return replace(facts, matter=facts.matter or matter_in(row.route.partition(" ")[2], row.path))


def unversioned(result: str) -> str:
    """A result without the number of the version that gave it: `refused: policy:7/assurance` → `refused: policy/assurance`."""
    head, found, rest = result.partition("policy:")
    return f"{head}policy{rest.lstrip('0123456789')}" if found else result
