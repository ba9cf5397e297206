"""The enterprise registry and its electronic business licence, as the market regulator would offer them.

`POST /organisation-checks {credit_code, name, representative_name, representative_document {type, number, country?}}`
answers `{is_match, reference, state}`, state being `active`, `dissolved` or null for a code that nobody has;
`POST /licence-checks {credit_code, representative_name, challenge, response}` answers `{is_match, reference}`. Companies
are those of `companies.json`, their representatives people of `people.json`; the licence of one answers a challenge with
`answer_of(challenge, licence_key)`. `PUT /sandbox/companies/{credit_code} {state?, representative?}` changes one.

It also plays the register of serious breaches of trust (`credit.py`).
"""

import copy
import hashlib
import hmac
import json
import uuid
from pathlib import Path
from typing import Any, Literal

from fastapi import HTTPException
from pydantic import BaseModel

from deploy.local.sandbox import credit, server
from deploy.local.sandbox.population import PEOPLE

_FOUNDED = {each["credit_code"]: each for each in json.loads((Path(__file__).parent / "companies.json").read_text())}
COMPANIES: dict[str, dict[str, Any]] = copy.deepcopy(_FOUNDED)


class DocumentSaid(BaseModel):
    type: str
    number: str
    country: str | None = None


class OrganisationCheck(BaseModel):
    credit_code: str
    name: str
    representative_name: str
    representative_document: DocumentSaid


class LicenceCheck(BaseModel):
    credit_code: str
    representative_name: str
    challenge: str
    response: str


class Change(BaseModel):
    state: Literal["active", "dissolved"] | None = None
    representative: DocumentSaid | None = None


class Result(BaseModel):
    is_match: bool
    reference: str


class RegistryResult(Result):
    state: str | None


app = server.sandbox("enterprise registry")
app.include_router(credit.router)


def answer_of(challenge: str, licence_key: str) -> str:
    return hmac.digest(licence_key.encode(), challenge.encode(), hashlib.sha256).hex()


def found_again() -> None:
    """Every company as it was at first."""
    COMPANIES.clear()
    COMPANIES.update(copy.deepcopy(_FOUNDED))


def _is_represented_by(company: dict[str, Any], name: str) -> bool:
    number = company.get("representative", {}).get("number")
    return bool(number) and PEOPLE.get(number, {}).get("name") == name


def _reference() -> str:
    return f"sandbox-{uuid.uuid4()}"


@app.post("/organisation-checks")
async def organisation(check: OrganisationCheck) -> RegistryResult:
    company = COMPANIES.get(check.credit_code, {})
    said = check.representative_document
    is_theirs = company.get("representative", {}).get("number") == said.number and _is_represented_by(company, check.representative_name)
    return RegistryResult(is_match=is_theirs and company.get("name") == check.name, reference=_reference(), state=company.get("state"))


@app.post("/licence-checks")
async def licence(check: LicenceCheck) -> Result:
    company = COMPANIES.get(check.credit_code, {})
    right = answer_of(check.challenge, company.get("licence_key", ""))
    is_right = bool(company) and company["state"] == "active" and hmac.compare_digest(right, check.response)
    return Result(is_match=is_right and _is_represented_by(company, check.representative_name), reference=_reference())


@app.put("/sandbox/companies/{credit_code}")
async def change(credit_code: str, said: Change) -> dict[str, Any]:
    if credit_code not in COMPANIES:
        raise HTTPException(404)
    COMPANIES[credit_code] |= said.model_dump(exclude_none=True)
    return COMPANIES[credit_code]


if __name__ == "__main__":
    server.run(app, "registry")
