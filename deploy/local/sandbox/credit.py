"""The city's register of serious breaches of trust 严重失信主体名单, as its credit centre would offer it.

`POST /serious-breach-checks {resident_id | credit_code | type, number, country?}` answers `{is_listed, reference}`.
`PUT /sandbox/breaches/{number}` puts somebody on the list; `DELETE` is the repair that takes them off.
"""

import uuid

from fastapi import APIRouter
from pydantic import BaseModel

router = APIRouter()
LISTED: set[str] = set()


class BreachCheck(BaseModel):
    resident_id: str | None = None
    credit_code: str | None = None
    type: str | None = None
    number: str | None = None
    country: str | None = None


class CreditResult(BaseModel):
    is_listed: bool
    reference: str


@router.post("/serious-breach-checks")
async def breaches(check: BreachCheck) -> CreditResult:
    number = check.resident_id or check.credit_code or check.number
    return CreditResult(is_listed=number in LISTED, reference=f"sandbox-{uuid.uuid4()}")


@router.put("/sandbox/breaches/{number}", status_code=204)
async def list_one(number: str) -> None:
    LISTED.add(number)


@router.delete("/sandbox/breaches/{number}", status_code=204)
async def repair(number: str) -> None:
    LISTED.discard(number)
