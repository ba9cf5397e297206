from typing import Any

from sqlalchemy import Row, func, insert, select, text, update

from chassis.database import ReadSession, WriteSession
from contracts.values import OfficerId
from gateway.registry.domain.policies import NoSuchPolicyVersion, PolicyVersion
from gateway.registry.tables import policy_versions


class PolicyVersions:
    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def get(self, version: int) -> PolicyVersion:
        """Raises NoSuchPolicyVersion."""
        row = (await self._session.execute(select(policy_versions).where(policy_versions.c.version == version))).one_or_none()
        if row is None:
            raise NoSuchPolicyVersion
        return version_of(row)

    async def in_force(self) -> PolicyVersion | None:
        row = (await self._session.execute(select(policy_versions).where(policy_versions.c.state == "in-force"))).one_or_none()
        return version_of(row) if row else None

    async def newest_of_release(self) -> PolicyVersion | None:
        of_release = policy_versions.c.proposed_by.is_(None) & (policy_versions.c.files != {})
        found = await self._session.execute(select(policy_versions).where(of_release).order_by(policy_versions.c.version.desc()).limit(1))
        row = found.one_or_none()
        return version_of(row) if row else None


class WritablePolicyVersions(PolicyVersions):
    def __init__(self, session: WriteSession) -> None:
        super().__init__(session)

    async def next_number(self) -> int:
        """Whoever asks next waits for the end of this transaction."""
        await self._session.execute(text("LOCK TABLE policy_versions IN SHARE ROW EXCLUSIVE MODE"))
        return int((await self._session.execute(select(func.coalesce(func.max(policy_versions.c.version), 0)))).scalar_one()) + 1

    async def locked(self, version: int) -> PolicyVersion:
        """Raises NoSuchPolicyVersion. Versions come into force one after another."""
        await self._session.execute(text("LOCK TABLE policy_versions IN SHARE ROW EXCLUSIVE MODE"))
        return await self.get(version)

    async def add(self, version: PolicyVersion) -> None:
        if version.state == "in-force":
            await self._replace()
        await self._session.execute(insert(policy_versions).values(_row(version)))

    async def save(self, version: PolicyVersion) -> None:
        if version.state == "in-force":
            await self._replace()
        await self._session.execute(update(policy_versions).where(policy_versions.c.version == version.version).values(_row(version)))

    async def _replace(self) -> None:
        await self._session.execute(update(policy_versions).where(policy_versions.c.state == "in-force").values(state="replaced"))


def version_of(row: Row[Any]) -> PolicyVersion:
    return PolicyVersion(
        version=row.version,
        files=row.files,
        state=row.state,
        note=row.note,
        proposed_at=row.proposed_at,
        based_on=row.based_on,
        proposed_by=OfficerId(row.proposed_by) if row.proposed_by else None,
        approved_by=OfficerId(row.approved_by) if row.approved_by else None,
        loaded_at=row.loaded_at,
    )


def _row(version: PolicyVersion) -> dict[str, Any]:
    return {
        "version": version.version,
        "digest": version.digest,
        "files": dict(version.files),
        "state": version.state,
        "note": version.note,
        "proposed_at": version.proposed_at,
        "based_on": version.based_on,
        "proposed_by": version.proposed_by,
        "approved_by": version.approved_by,
        "loaded_at": version.loaded_at,
    }
