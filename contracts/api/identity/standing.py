"""What intake asks of an applicant: whose account a document is, and whether their word may stand for a proof."""

from pydantic import model_validator

from contracts.api.identity.credit import CreditStanding
from contracts.api.identity.persons import GivenDocument
from contracts.strict import Answer, Instant, Model
from contracts.values import BasicCode, CreditCode, MandateId, OfficerId, OrganisationId, PersonId, PersonName

__all__ = ["AskApplicant", "AskPrincipal", "Authority", "CreditStanding", "KnownApplicant"]


class AskPrincipal(Model):
    """For whom somebody says that they act, in a matter: an organisation by its `credit_code`, or a person by name and document."""

    matter: BasicCode
    credit_code: CreditCode | None = None
    name: PersonName | None = None
    document: GivenDocument | None = None

    @model_validator(mode="after")
    def _is_one(self) -> "AskPrincipal":
        is_person = self.name is not None and self.document is not None
        if is_person == (self.credit_code is not None) or (self.name is None) != (self.document is None):
            msg = "a credit code, or a name with a document"
            raise ValueError(msg)
        return self


class AskApplicant(Model):
    name: PersonName
    document: GivenDocument
    acting_for: AskPrincipal | None = None


class Authority(Answer):
    """The mandate by which the one acts for the other, in these `matters` (none: all)."""

    mandate_id: MandateId
    matters: list[BasicCode]
    person_id: PersonId | None = None
    organisation_id: OrganisationId | None = None


class KnownApplicant(Answer):
    """`seen_at` is when an officer of the asking agency last saw the person and the original document at a window.

    With `acting_for` the person acts for another, who applies.
    """

    person_id: PersonId
    assurance: int
    seen_at: Instant | None = None
    seen_by: OfficerId | None = None
    acting_for: Authority | None = None
