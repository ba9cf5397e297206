from typing import Any

from chassis.http import Audience, Router, document, guard
from contracts.permissions import Permission


def test_a_document_holds_whole_registrations_with_what_they_do_not_ask_for() -> None:
    router, outer = Router(), Router()

    @router.get("/ratings/{rating_id}", **guard(Permission.RATING_READ, audience=Audience.OPEN))
    async def rating(rating_id: str) -> str:
        return rating_id

    @router.post("/ratings", **guard(audience=Audience.INTERNAL, services=("application",)))
    async def rate() -> str:
        return ""

    outer.include_router(router)
    paths = document("rating", outer)["paths"]
    said: dict[str, Any] = {"assurance": 0, "max_age_s": None, "grade": 2}
    assert paths["/ratings/{rating_id}"]["get"]["x-tongban"] == said | {"permission": "rating:read", "audience": "open", "services": []}
    assert paths["/ratings"]["post"]["x-tongban"] == said | {"permission": None, "audience": "internal", "services": ["application"]}
