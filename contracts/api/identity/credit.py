"""Whether an applicant's word may stand for a proof."""

from contracts.strict import Answer, Instant


class CreditStanding(Answer):
    """Of a person or an organisation. `is_barred`: a record of serious bad credit that is not repaired; `reference` is the source's,
    and `at` is when the source said so, which may be a few minutes ago where it bars nobody."""

    is_barred: bool
    source: str
    reference: str
    at: Instant
