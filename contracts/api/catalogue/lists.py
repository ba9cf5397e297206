"""Lists of matters that policies ask for 清单: views of the catalogue, each item with what puts it there."""

from enum import StrEnum

from contracts.api.catalogue.elements import Provenance
from contracts.strict import Answer
from contracts.values import BasicCode, CreditCode, DivisionCode, TaskCode


class ListCode(StrEnum):
    POWERS = "powers"
    PUBLIC_SERVICES = "public-services"
    ZERO_VISIT = "zero-visit"
    ONE_VISIT = "one-visit"
    AT_HOME = "at-home"
    AUTOMATIC = "automatic"
    CITY_WIDE = "city-wide"
    NOT_CITY_WIDE = "not-city-wide"
    CROSS_PROVINCE = "cross-province"
    TOLERANCE = "tolerance"
    COMMITMENT = "commitment"
    FEES = "fees"
    INTERMEDIARIES = "intermediaries"
    SPECIAL_PROCEDURES = "special-procedures"


class MatterList(Answer):
    """One list: `policy` is the word that policies use for it, `rule_*` how it follows from the matters in force."""

    code: ListCode
    zh: str
    en: str
    policy: str
    rule_zh: str
    rule_en: str


class Reason(Answer):
    """What of a matter puts it on a list: `element` is where it stands in the guide (`materials[2]`), `text` what it says.

    `working_days` is the limit that the element sets, if it sets one; `provenance` is the element's own, if it has one.
    """

    element: str
    text: str
    working_days: int | None = None
    provenance: Provenance | None = None


class Listed(Answer):
    """A matter on a list. `task_code` is its highest implementation, of the division where one is asked for; `implementations`
    how many there are."""

    basic_code: BasicCode
    version: int
    name: str
    matter_type: str
    task_code: TaskCode
    agency: CreditCode
    agency_name: str
    division: DivisionCode
    implementations: int
    illustrative: bool
    reasons: list[Reason]


class Listing(Answer):
    """One page of a list; `total` counts the whole of it, `next` is the cursor of the following page."""

    about: MatterList
    division: DivisionCode | None
    total: int
    items: list[Listed]
    next: str | None = None
