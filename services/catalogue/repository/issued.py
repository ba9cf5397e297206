"""What the city issues by whatever is published: no form asks for it as an upload. Source: ADR-0042."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import text

from chassis.database import ReadSession

_ISSUED: Final = text(
    """
    SELECT DISTINCT said.is_result, said.item ->> 'name' AS name, said.item ->> 'certificate_type' AS type
    FROM matters JOIN versions ON versions.basic_code = matters.basic_code AND versions.version = matters.newest,
    LATERAL (
        SELECT false, jsonb_path_query(versions.content, '$.materials[*] ? (@.certificate_type != null)')
        UNION ALL SELECT true, jsonb_path_query(versions.content, '$.results[*] ? (@.certificate_type != null)')
    ) AS said (is_result, item)
    WHERE matters.state <> 'retired' AND matters.basic_code <> ALL (CAST(:others AS text[]))
        AND said.item ->> 'name' = ANY (CAST(:names AS text[]))
    ORDER BY said.is_result, name, type
    """
)


async def issued(session: ReadSession, names: Collection[str], *, but: Collection[str]) -> dict[str, str]:
    """Which of these names are issued as a certificate, and of which type, by the newest versions of all matters but these."""
    if not names:
        return {}
    rows = await session.execute(_ISSUED, {"names": sorted(names), "others": sorted(but)})
    return {row.name: row.type for row in rows}
