"""门户集成: one search and one home page, put together from what the services answer."""

from typing import Literal

from contracts.api.application import CaseSummary
from contracts.api.certificate import Summary
from contracts.api.identity.organisations import Organisation
from contracts.api.identity.persons import Person
from contracts.api.rating import Invitation
from contracts.problems import Titles
from contracts.strict import Answer, Instant

Kind = Literal["services", "matters", "guides"]


class Hit(Answer):
    """Something found. Matters and guides are published in Chinese only, so their `title_en` is absent."""

    kind: Kind
    code: str
    title_zh: str
    title_en: str | None = None
    snippet_zh: str
    snippet_en: str
    link: str


class Hits(Answer):
    """One page, the nearest first; `next` is `after` of the following one."""

    items: list[Hit] = []
    next: str | None = None


class Search(Answer):
    """What was found of each kind. `unavailable` are the kinds that could not be searched now."""

    services: Hits = Hits()
    matters: Hits = Hits()
    guides: Hits = Hits()
    unavailable: list[Kind] = []


class Part(Answer):
    """A part of the home page, `as_of` when it was asked for.

    unavailable: its service is away; late: it did not come in time; withheld: the caller may not have it, or not yet.
    Without data, `code` and `titles` are those of the problem that its own route would have answered.
    """

    state: Literal["ok", "unavailable", "late", "withheld"]
    as_of: Instant
    code: str | None = None
    titles: Titles | None = None


class ProfilePart(Part):
    data: Person | Organisation | None = None


class CasesPart(Part):
    data: list[CaseSummary] | None = None


class CertificatesPart(Part):
    data: list[Summary] | None = None


class RatingsPart(Part):
    data: list[Invitation] | None = None


class Home(Answer):
    """For whom the call is: who they are, which cases run, which certificates they hold, which ratings are due.

    `cases` and `ratings` are the newest; their own routes page through all.
    """

    subject: Literal["person", "organisation"]
    profile: ProfilePart
    cases: CasesPart
    certificates: CertificatesPart
    ratings: RatingsPart
