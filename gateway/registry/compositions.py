"""What is put together from the services: one home page and one search, each degrading part by part."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import urlencode

from pydantic import TypeAdapter, ValidationError

from chassis.clock import Clock
from chassis.http.client import Disclosure
from chassis.http.mesh_token import CallerFacts
from contracts.api import application, catalogue, certificate, rating
from contracts.api.gateway import portal as api
from contracts.api.identity import organisations, persons
from contracts.headers import DATA_ACCESS
from contracts.problems import Problem, ProblemType, Titles, common
from contracts.problems import gateway as problems
from contracts.strict import Page
from contracts.values import Grade
from gateway.decision import Deny
from gateway.proxy.answer import Answer

P = TypeVar("P", bound=api.Part)
F = TypeVar("F")

_LATE: Final = frozenset({problems.PART_LATE, problems.UPSTREAM_LATE})
_AWAY: Final = frozenset({problems.UPSTREAM_AWAY, problems.UPSTREAM_SHED, common.UNAVAILABLE})

_PERSON: Final = TypeAdapter(persons.Person)
_ORGANISATION: Final = TypeAdapter(organisations.Organisation)
_CASES: Final = TypeAdapter(Page[application.CaseSummary])
_CERTIFICATES: Final = TypeAdapter(list[certificate.Summary])
_INVITATIONS: Final = TypeAdapter(list[rating.Invitation])
_FOUND: Final = TypeAdapter(Page[catalogue.Found])
_MATCHES: Final = TypeAdapter(catalogue.Matches)


class Asks(Protocol):
    async def ask(self, caller: CallerFacts, target: str, *, within_s: float, request_id: str = "") -> Answer | Deny: ...


@dataclass(frozen=True, slots=True)
class Compositions:
    parts: Asks
    clock: Clock
    part_deadline_s: float
    search_deadline_s: float

    async def home(self, caller: CallerFacts, request_id: str) -> tuple[api.Home, list[Disclosure]]:
        """All parts at once, and whose data they carry."""
        is_person = caller.person is not None
        own = f"/organisations/{caller.organisation}"
        profile, cases, certificates, ratings = await asyncio.gather(
            self._part(caller, request_id, api.ProfilePart, _PERSON, "/persons/me")
            if is_person
            else self._part(caller, request_id, api.ProfilePart, _ORGANISATION, own),
            self._part(caller, request_id, api.CasesPart, _CASES, "/cases?running=true"),
            self._part(caller, request_id, api.CertificatesPart, _CERTIFICATES, "/certificates"),
            self._part(
                caller,
                request_id,
                api.RatingsPart,
                _INVITATIONS,
                "/ratings/invitations?due=true" if is_person else f"{own}/invitations?due=true",
            ),
        )
        home = api.Home(
            subject="person" if is_person else "organisation",
            profile=profile[0],
            cases=cases[0],
            certificates=certificates[0],
            ratings=ratings[0],
        )
        return home, [each for _, each in (profile, cases, certificates, ratings) if each is not None]

    async def matters(self, text: str, after: str, request_id: str) -> catalogue.Matches | None:
        """Matters and life-event packages, one result each; None while the catalogue is away. Asked as anybody may ask."""
        return await self._searched("/matters/search", _MATCHES, text, after, request_id)

    async def guides(self, text: str, after: str, request_id: str) -> Page[catalogue.Found] | None:
        """Matters as every place implements them; None while the catalogue is away. Asked as anybody may ask."""
        return await self._searched("/matters", _FOUND, text, after, request_id)

    async def _searched(self, path: str, adapter: TypeAdapter[F], text: str, after: str, request_id: str) -> F | None:
        anybody = CallerFacts("gateway", party_kind="portal")
        target = f"{path}?{urlencode({'q': text, 'after': after})}"
        answer = await self.parts.ask(anybody, target, within_s=self.search_deadline_s, request_id=request_id)
        if isinstance(answer, Deny) or answer.status != 200:
            return None
        try:
            return adapter.validate_json(answer.body)
        except ValidationError:
            return None

    async def _part(
        self, caller: CallerFacts, request_id: str, kind: type[P], adapter: TypeAdapter[Any], target: str
    ) -> tuple[P, Disclosure | None]:
        as_of = self.clock.now()
        answer = await self.parts.ask(caller, target, within_s=self.part_deadline_s, request_id=request_id)
        if isinstance(answer, Deny):
            return _without(kind, answer.problem, as_of), None
        if answer.status != 200:
            return _refused(kind, answer, as_of), None
        try:
            found = adapter.validate_json(answer.body)
            said = next((value for name, value in answer.headers if name == DATA_ACCESS.encode()), None)
            disclosure = Disclosure.from_header(said.decode()) if said is not None else None
        except (ValidationError, ValueError, LookupError, TypeError):
            return _without(kind, problems.UPSTREAM_AWAY, as_of), None
        return kind.model_validate({"state": "ok", "as_of": as_of, "data": found.items if isinstance(found, Page) else found}), disclosure


def is_empty(home: api.Home) -> bool:
    """Whether there is not one part, for want of services."""
    states = {part.state for part in (home.profile, home.cases, home.certificates, home.ratings)}
    return "ok" not in states and states != {"withheld"}


def merged(disclosures: Iterable[Disclosure]) -> dict[str, Any]:
    """All looks as the one look that the answer is."""
    said = list(disclosures)
    return {
        "subjects": [subject for each in said for subject in each.subjects],
        "organisations": [organisation for each in said for organisation in each.organisations],
        "grade": Grade(max((each.grade for each in said), default=Grade.PERSONAL)),
        "items": list(dict.fromkeys(item for each in said for item in each.items)),
    }


def _without(kind: type[P], problem: ProblemType, as_of: Any) -> P:
    state = "late" if problem in _LATE else "unavailable" if problem in _AWAY else "withheld"
    return kind.model_validate({"state": state, "as_of": as_of, "code": problem.code, "titles": Titles(zh=problem.zh, en=problem.en)})


def _refused(kind: type[P], answer: Answer, as_of: Any) -> P:
    """As the service refused it. What it failed at is not told apart from its being away."""
    if answer.status >= 500:
        return _without(kind, problems.UPSTREAM_AWAY, as_of)
    try:
        said = Problem.model_validate_json(answer.body)
    except ValidationError:
        return _without(kind, problems.UPSTREAM_AWAY, as_of)
    return kind.model_validate({"state": "withheld", "as_of": as_of, "code": said.code, "titles": said.titles})
