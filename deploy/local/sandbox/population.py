"""The population base, the exit-entry administration and their face check, as the city's platform would offer them.

`POST /real-name-checks {name, resident_id}`, `POST /second-proof-checks {resident_id, kind, number}` and
`POST /face-checks {name, resident_id, capture}` (capture: base64) answer `{is_match, reference}`, and so do `POST
/document-checks {name, type, number, country?}` and face checks by type, number and country instead of a resident number.
People are those of `people.json`, other documents those of `documents.json`; a capture matches when it decodes to the
`face` written there. `POST /guardianship-checks {guardian_name, guardian_resident_id, name, resident_id}` answers the same
way for the children of `children.json`; a court that takes a child from its guardian is `DELETE
/sandbox/guardianships/{resident_id}`.
"""

import base64
import json
import uuid
from pathlib import Path

from pydantic import BaseModel

from deploy.local.sandbox import server

_HERE = Path(__file__).parent
PEOPLE = {person["resident_id"]: person for person in json.loads((_HERE / "people.json").read_text())}
CHILDREN = {child["resident_id"]: child for child in json.loads((_HERE / "children.json").read_text())}
DOCUMENTS = {(each["type"], each["number"], each.get("country")): each for each in json.loads((_HERE / "documents.json").read_text())}


class RealNameCheck(BaseModel):
    name: str
    resident_id: str


class SecondProofCheck(BaseModel):
    resident_id: str
    kind: str
    number: str


class DocumentCheck(BaseModel):
    name: str
    type: str
    number: str
    country: str | None = None


class FaceCheck(BaseModel):
    name: str
    capture: str
    resident_id: str | None = None
    type: str = ""
    number: str = ""
    country: str | None = None


class GuardianshipCheck(BaseModel):
    guardian_name: str
    guardian_resident_id: str
    name: str
    resident_id: str


class Result(BaseModel):
    is_match: bool
    reference: str


app = server.sandbox("population base")
app.state.taken = set[str]()


def _result(*, is_match: bool) -> Result:
    return Result(is_match=is_match, reference=f"sandbox-{uuid.uuid4()}")


@app.post("/real-name-checks")
async def real_name(check: RealNameCheck) -> Result:
    return _result(is_match=PEOPLE.get(check.resident_id, {}).get("name") == check.name)


@app.post("/second-proof-checks")
async def second_proof(check: SecondProofCheck) -> Result:
    person = PEOPLE.get(check.resident_id, {})
    return _result(
        is_match=check.kind in {"social_security", "driving_licence", "provident_fund"} and person.get(check.kind) == check.number
    )


@app.post("/document-checks")
async def document(check: DocumentCheck) -> Result:
    return _result(is_match=DOCUMENTS.get((check.type, check.number, check.country), {}).get("name") == check.name)


@app.post("/face-checks")
async def face(check: FaceCheck) -> Result:
    by_type = DOCUMENTS.get((check.type, check.number, check.country), {})
    person = PEOPLE.get(check.resident_id, {}) if check.resident_id else by_type
    try:
        seen = base64.b64decode(check.capture, validate=True).decode()
    except ValueError:
        seen = ""
    return _result(is_match=bool(seen) and person.get("name") == check.name and person.get("face") == seen)


@app.post("/guardianship-checks")
async def guardianship(check: GuardianshipCheck) -> Result:
    child = CHILDREN.get(check.resident_id, {})
    is_guardian = child.get("guardian") == check.guardian_resident_id and check.resident_id not in app.state.taken
    is_known = PEOPLE.get(check.guardian_resident_id, {}).get("name") == check.guardian_name
    return _result(is_match=is_guardian and is_known and child.get("name") == check.name)


@app.delete("/sandbox/guardianships/{resident_id}", status_code=204)
async def take(resident_id: str) -> None:
    app.state.taken.add(resident_id)


if __name__ == "__main__":
    server.run(app, "population")
