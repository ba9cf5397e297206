"""Acting for others: who appoints whom, for which matters, until when."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from contracts.personal import NameText
from contracts.strict import Answer, Instant, Model
from contracts.values import BasicCode, MandateId, OrganisationId, PersonName, Phone, ResidentId

Matters = Annotated[list[BasicCode], Field(max_length=100)]


class Agent(Model):
    """Who is to act: by name, and by resident id or phone. The answer is the same whether there is such a person."""

    name: PersonName
    resident_id: ResidentId | None = None
    phone: Phone | None = None

    @model_validator(mode="after")
    def _one_number(self) -> "Agent":
        if (self.resident_id is None) == (self.phone is None):
            msg = "an agent is named by resident id or by phone"
            raise ValueError(msg)
        return self


class Appoint(Model):
    """经办人 for an organisation that I represent; a relative or a helper 帮办 for myself. No `matters` means every matter."""

    kind: Literal["agent", "relative", "helper"]
    organisation_id: OrganisationId | None = None
    agent: Agent
    matters: Matters = Field(default_factory=list)
    begins_at: Instant | None = None
    ends_at: Instant

    @model_validator(mode="after")
    def _organisations_have_agents(self) -> "Appoint":
        if (self.kind == "agent") != (self.organisation_id is not None):
            msg = "an agent acts for an organisation, a relative or a helper for a person"
            raise ValueError(msg)
        return self


class AskGuardianship(Model):
    """The child for whom I want to act; the population base knows whether I am its guardian."""

    name: PersonName
    resident_id: ResidentId


class Principal(Answer):
    """For whom a mandate is; a person's name is masked."""

    kind: Literal["person", "organisation"]
    name: NameText
    organisation_id: OrganisationId | None = None


class Mandate(Answer):
    """`state`: waiting for its agent, coming, active, ended or revoked. No `ends_at`: as long as the agent represents."""

    mandate_id: MandateId
    kind: Literal["representative", "agent", "guardian", "relative", "helper"]
    zh: str
    en: str
    principal: Principal
    agent_name: NameText
    matters: list[BasicCode]
    begins_at: Instant
    ends_at: Instant | None
    state: Literal["waiting", "coming", "active", "ended", "revoked"]
    granted_at: Instant
    answer_by: Instant | None = None
    revoked_at: Instant | None = None
    reason: str | None = None


class Mandates(Answer):
    """What I have given (for myself and for organisations that I represent), what I hold, and whom I represent."""

    given: list[Mandate]
    held: list[Mandate]
    represents: list[Principal]
