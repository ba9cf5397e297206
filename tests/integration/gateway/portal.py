"""A door before everything that is registered, and services that answer as the real ones do."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from chassis.database import Database
from chassis.http.client import Disclosure
from contracts.headers import DATA_ACCESS
from contracts.values import OrganisationId, PersonId
from deploy.local.running import free_port
from gateway.registry.bootstrap import load_resources
from gateway.registry.masking import load_masking
from tests.integration.gateway.door import Behind, Door, gateway, register, served

PERSON: Final = PersonId("0197e0a1-5c00-7a10-8d31-0a4be39c1d01")
COMPANY: Final = OrganisationId("0197e0a1-5c00-7a10-8d31-0a4be39c1d02")
NUMBER: Final = "11310106TE5T01043T431010190000020261124000017"
TASK: Final = "11310106TE5T01043T4310101900000"
AT: Final = "2026-11-25T01:15:31Z"

ANSWERS: Final[dict[str, Any]] = {
    "/persons/me": {"person_id": PERSON, "name": "示例", "phone_masked": "139****0000", "assurance": 3, "registered_at": AT},
    f"/organisations/{COMPANY}": {
        "organisation_id": COMPANY,
        "credit_code": "11310115002421001H",
        "name": "示例公司",
        "status": "active",
        "assurance": 3,
        "registered_at": AT,
    },
    "/cases": {
        "items": [{"number": NUMBER, "matter_name": "犬类准养证核发", "agency_name": "示例", "status": "accepted", "submitted_at": AT}],
        "next": None,
    },
    "/certificates": [
        {
            "id": "0197e0a1-5c00-7a10-8d31-0a4be39c1d03",
            "type": "11310000TE5T90015G004",
            "name": "养犬登记证",
            "state": "valid",
            "issued_on": "2026-11-25",
            "valid_until": None,
        }
    ],
    "/matters/search": {
        "items": [
            {
                "kind": "package",
                "code": "newborn",
                "name": "新生儿出生一件事",
                "is_immediate": False,
                "visits": 0,
                "illustrative": True,
                "why": None,
            },
            {
                "kind": "matter",
                "code": TASK[19:],
                "name": "犬类准养证核发",
                "task_code": TASK,
                "is_immediate": False,
                "visits": 1,
                "promised_working_days": 5,
                "illustrative": True,
                "why": None,
            },
        ],
        "total": 2,
        "next": None,
    },
    "/matters": {
        "items": [
            {
                "task_code": TASK,
                "name": "犬类准养证核发",
                "agency": "11310106TE5T01043T",
                "agency_name": "示例·静安区公安分局",
                "division": "310106",
                "is_immediate": False,
                "visits": 1,
                "promised_working_days": 5,
                "illustrative": True,
            }
        ],
        "next": "20",
    },
}
INVITATIONS: Final = [
    {
        "ticket_id": "0197e0a1-5c00-7a10-8d31-0a4be39c1d04",
        "case_number": NUMBER,
        "matter_name": "犬类准养证核发",
        "agency_name": "示例",
        "expires_at": AT,
        "is_used": False,
    }
]
ANSWERS["/ratings/invitations"] = ANSWERS[f"/organisations/{COMPANY}/invitations"] = INVITATIONS


def disclosed(items: tuple[str, ...]) -> dict[str, str]:
    return {DATA_ACCESS: Disclosure((PERSON,), 3, "account", items).header()}


def answer(path: str) -> tuple[int, dict[str, str], bytes]:
    said = {"/persons/me": disclosed(("name",)), "/cases": disclosed(("办件 cases", "name"))}
    return 200, said.get(path, {}), json.dumps(ANSWERS[path], ensure_ascii=False).encode()


@asynccontextmanager
async def portal(
    database_of: Callable[[str], Database],
    folder: Path,
    *,
    change: Callable[[Any], Any] | None = None,
    services: dict[str, Behind | None] | None = None,
    **more: Any,
) -> AsyncIterator[tuple[Door, Behind]]:
    """Everything registered, all services behind one door, but for `services` of their own; None is one that is not there."""
    database, everybody = database_of("gateway.registry"), Behind(answer=answer)
    parties = await register(database)
    async with database.transaction() as session:
        await load_resources(session)
        await load_masking(session)
        if change is not None:
            await change(session)
    async with AsyncExitStack() as stack:

        async def address(behind: Behind | None) -> str:
            port = free_port()
            if behind is not None:
                await stack.enter_async_context(served(behind, SimpleNamespace(listen_host="127.0.0.1", listen_port=port)))
            return f"http://127.0.0.1:{port}"

        own = {f"{name}_url": await address(behind) for name, behind in (services or {}).items()}
        # A machine that runs tests beside tests is no measure of a deadline.
        said = {"part_deadline_ms": 10_000, "search_deadline_ms": 10_000, **own, **more}
        door = await stack.enter_async_context(gateway(database, folder, await address(everybody), parties=parties, **said))
        yield door, everybody
