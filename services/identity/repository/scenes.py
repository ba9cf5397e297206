"""Scenes of city codes: what they are is a committed table, who may verify in them is the operators' decision."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession
from contracts.values import Assurance, PartyId
from services.identity.domain.city_codes import CLAIMS, Mode, NoSuchScene, Scene
from services.identity.tables import scene_verifiers

_FILE: Final = Path(__file__).parents[1] / "seed" / "scenes.json"


@cache
def _table() -> dict[str, Any]:
    said: dict[str, Any] = json.loads(_FILE.read_text())
    return said


@cache
def scenes() -> Mapping[str, Scene]:
    """Raises ValueError when the table names a claim that cannot be made."""
    return {row["code"]: _scene(row) for row in _table()["scenes"]}


@cache
def age_bands() -> tuple[int, ...]:
    """The ages at which bands begin."""
    return tuple(_table()["age_bands"])


def scene_of(code: str) -> Scene:
    """Raises NoSuchScene."""
    try:
        return scenes()[code]
    except KeyError:
        raise NoSuchScene from None


def _scene(row: dict[str, Any]) -> Scene:
    of_persons, of_paper, of_organisations = (tuple(row[name]) for name in ("claims", "paper_claims", "organisation_claims"))
    if unknown := {*of_persons, *of_paper, *of_organisations} - CLAIMS:
        msg = f"scene {row['code']} names unknown claims {sorted(unknown)}"
        raise ValueError(msg)
    return Scene(
        code=row["code"],
        zh=row["zh"],
        en=row["en"],
        mode=Mode(row["mode"]),
        least_assurance=Assurance(row["least_assurance"]),
        claims=of_persons,
        paper_claims=of_paper,
        organisation_claims=of_organisations,
        party_kinds=frozenset(row["party_kinds"]),
    )


class SceneVerifiers:
    """Parties that may verify in a scene, each with the officer who admitted it."""

    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def of(self, scene: str) -> list[Row[Any]]:
        query = select(scene_verifiers).where(scene_verifiers.c.scene == scene).order_by(scene_verifiers.c.admitted_at)
        return list((await self._session.execute(query)).all())

    async def admit(self, scene: str, party_id: PartyId, *, by: str, at: datetime) -> Row[Any]:
        """The admission; one that stands already stays as it is."""
        row = {"scene": scene, "party_id": party_id, "admitted_by": by, "admitted_at": at}
        await self._session.execute(upsert(scene_verifiers).values(row).on_conflict_do_nothing())
        mine = (scene_verifiers.c.scene == scene) & (scene_verifiers.c.party_id == party_id)
        return (await self._session.execute(select(scene_verifiers).where(mine))).one()

    async def dismiss(self, scene: str, party_id: PartyId) -> None:
        mine = (scene_verifiers.c.scene == scene) & (scene_verifiers.c.party_id == party_id)
        await self._session.execute(delete(scene_verifiers).where(mine))
