"""Legal persons and who represents them."""

from typing import Annotated

from pydantic import Field

from contracts.api.identity.credit import CreditStanding
from contracts.api.identity.persons import Sourced
from contracts.strict import Answer, Instant, Line, Model
from contracts.values import CreditCode, OrganisationId, PersonId

Token = Annotated[str, Field(pattern=r"^[!-~]{1,2000}$")]


class RegisterOrganisation(Model):
    """I am the legal representative of this company, and the registry says so too."""

    credit_code: CreditCode
    name: Line


class Organisation(Answer):
    organisation_id: OrganisationId
    credit_code: CreditCode
    name: str
    status: str
    assurance: int
    registered_at: Instant


class LicenceChallenge(Answer):
    """What the licence's application has to answer before `expires_at`."""

    challenge: str
    expires_at: Instant


class ShowLicence(Model):
    """The challenge and what the electronic business licence made of it."""

    challenge: Token
    response: Token


class OrganisationProfile(Answer):
    """For services of the mesh: each item with source and time; `credit` where it was asked for."""

    organisation_id: OrganisationId
    assurance: int
    status: str
    credit_code: Sourced
    name: Sourced
    representative: PersonId
    representative_name: Sourced
    credit: CreditStanding | None = None
