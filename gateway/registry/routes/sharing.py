from typing import Annotated, Any

from fastapi import Depends, Path, Response

from chassis.http import Audience, Caller, Clock, Database, Mesh, Router, disclose, guard
from chassis.http.caller import KnownCaller
from chassis.http.disclosure import R
from contracts.api.gateway import sharing as api
from contracts.headers import SCENE
from contracts.permissions import Permission
from contracts.values import CaseNumber, Grade, Id, OrganisationId, PersonId
from gateway.registry.commands import sharing as commands
from gateway.registry.domain.data_items import DataItem
from gateway.registry.domain.resources import notices
from gateway.registry.domain.scenes import Scene
from gateway.registry.domain.sharing import Call, Handler, check_case, is_stale, subject_in
from gateway.registry.neighbours import Asked, check_document
from gateway.registry.routes.data_items import Code, Suppliers

router = Router()

Number = Annotated[CaseNumber, Path()]


class Calling:
    """One call for data on its way: inside its scene, counted, its subject known to be a party to the case."""

    def __init__(self, caller: KnownCaller, database: Database, mesh: Mesh, clock: Clock) -> None:
        self.caller = caller
        self.at = clock.now()
        self._database = database
        self._asked = Asked(mesh, caller)

    async def allowed(self, call: Call, scene_id: Id) -> tuple[Scene, DataItem]:
        """Raises NoSuchItem, and OutsideScene by the rule that is broken."""
        async with self._database.reading() as session:
            return await commands.allowed(session, call, scene_id, at=self.at)

    async def subject(
        self, call: Call, wanted: api.Subject, scene: Scene, item: DataItem
    ) -> tuple[PersonId | OrganisationId, api.SupplierSubject]:
        """Of a case that lives and is the caller's. The call is counted before anybody learns who it is about."""
        standing = await self._asked.standing(call.case)
        check_case(standing, Handler(self.caller.party_kind, self.caller.agency, self.caller.division))
        named = wanted if isinstance(wanted, PersonId) else None
        subject = subject_in(standing, named, about=item.about)
        async with self._database.transaction() as session:
            await commands.count(session, scene, item, at=self.at)
        try:
            known = await self._asked.subject(subject, case=call.case)
        finally:
            async with self._database.transaction() as session:
                await commands.tell(session, self._asked.access, at=self.at)
        if isinstance(wanted, api.SubjectDocument):
            check_document(wanted, known)
        return subject, known

    def told(self, scene: Scene, item: DataItem, case: CaseNumber, subject: api.SupplierSubject) -> dict[str, Any]:
        return {
            "item": item.code,
            "version": item.version,
            "scene": scene.id,
            "purpose": scene.purpose,
            "case": case,
            "demander": scene.demander_name,
            "request_id": self.caller.request_id,
            "subject": subject,
        }

    def source(self, item: DataItem, answer: api.SupplierVerified | api.SupplierQueried) -> dict[str, Any]:
        """Raises SupplierAnswerIsNotValid, DataIsStale."""
        return {
            "item": item.code,
            "version": item.version,
            "source": item.owner_name,
            "source_code": item.owner,
            "as_of": answer.as_of,
            "is_stale": is_stale(item, answer.as_of, at=self.at),
            "asked_at": self.at,
        }


async def _calling(caller: Caller, database: Database, mesh: Mesh, clock: Clock) -> Calling:
    return Calling(caller, database, mesh, clock)


Calls = Annotated[Calling, Depends(_calling)]


@router.post(
    "/cases/{number}/data-items/{code}/verifications",
    **guard(Permission.DATA_VERIFY, audience=Audience.OPERATOR, grade=Grade.SENSITIVE),
)
async def verify(
    number: Number, code: Code, body: api.VerifyData, calls: Calls, suppliers: Suppliers, response: Response
) -> api.VerifiedData:
    """Ask the agency that knows whether what is claimed of a party to the case is true. A repeated call is another call."""
    call = Call(code, "verify", tuple(body.claims), number, calls.caller.required_party())
    calls.caller.required_officer()
    scene, item = await calls.allowed(call, body.scene)
    subject, known = await calls.subject(call, body.subject, scene, item)
    asked = api.SupplierVerify(**calls.told(scene, item, number, known), claims=body.claims)
    answer = await suppliers.verify(item, asked)
    found = api.VerifiedData(**calls.source(item, answer), matches=answer.matches)
    _disclosed(response, subject, scene, item, call.fields)
    return found


@router.post(
    "/cases/{number}/data-items/{code}/queries",
    **guard(Permission.DATA_QUERY, audience=Audience.OPERATOR, grade=Grade.SENSITIVE),
)
async def query(number: Number, code: Code, body: api.QueryData, calls: Calls, suppliers: Suppliers, response: Response) -> api.QueriedData:
    """Ask the agency that knows for fields of a party to the case; only where yes or no is not enough. A repeated call is another call."""
    call = Call(code, "query", tuple(dict.fromkeys(body.fields)), number, calls.caller.required_party())
    calls.caller.required_officer()
    scene, item = await calls.allowed(call, body.scene)
    subject, known = await calls.subject(call, body.subject, scene, item)
    asked = api.SupplierQuery(**calls.told(scene, item, number, known), fields=list(call.fields))
    answer = await suppliers.query(item, asked)
    found = api.QueriedData(**calls.source(item, answer), values=answer.values)
    _disclosed(response, subject, scene, item, call.fields)
    return found


def _disclosed(response: R, subject: PersonId | OrganisationId, scene: Scene, item: DataItem, fields: tuple[str, ...]) -> R:
    """The holder reads in their ledger whose data was asked, which items of it, and why; the case is in the path.

    Like a route, an item that leaves says so in its answers.
    """
    response.headers[SCENE] = scene.id
    for name, value in notices(item.deprecated_at, item.sunset_at, None):
        response.headers[name.decode()] = value.decode()
    persons = [subject] if isinstance(subject, PersonId) else []
    organisations = [subject] if isinstance(subject, OrganisationId) else []
    items = [f"{item.owner_name} {item.name}：{title}" for title in item.titles(fields)]
    return disclose(response, subjects=persons, organisations=organisations, purpose=scene.purpose, grade=Grade(item.grade), items=items)
