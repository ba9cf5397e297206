"""The standard decision API. Source: OpenID AuthZEN Authorization API 1.0.

Unlike our own requests these ignore what they do not know: the standard grows by fields (section 10.1).
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.strict import Answer

Name = Annotated[str, Field(min_length=1, max_length=500)]
Properties = dict[str, Any]


class Lenient(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False, frozen=True)


class Kind(Lenient):
    """An entity of which only the type is asked; an id is passed over."""

    type: Name
    properties: Properties = {}


class Thing(Lenient):
    type: Name
    id: Name
    properties: Properties = {}


class Act(Lenient):
    name: Name
    properties: Properties = {}


class Evaluation(Lenient):
    """Section 6.1."""

    subject: Thing
    action: Act
    resource: Thing
    context: Properties = {}


class Partial(Lenient):
    """One of several evaluations, or what they have in common: whatever is missing is taken from above."""

    subject: Properties | None = None
    action: Properties | None = None
    resource: Properties | None = None
    context: Properties | None = None


class Options(Lenient):
    evaluations_semantic: Literal["execute_all", "deny_on_first_deny", "permit_on_first_permit"] = "execute_all"


class Evaluations(Partial):
    """Section 7.1. Without evaluations it is one evaluation."""

    evaluations: Annotated[list[Partial], Field(max_length=100)] = []
    options: Options = Options()


class PageWanted(Lenient):
    """Section 8.2."""

    token: Annotated[str, Field(max_length=1000)] = ""
    limit: Annotated[int, Field(ge=1)] = 100


class SubjectSearch(Lenient):
    subject: Kind
    action: Act
    resource: Thing
    context: Properties = {}
    page: PageWanted = PageWanted()


class ResourceSearch(Lenient):
    subject: Thing
    action: Act
    resource: Kind
    context: Properties = {}
    page: PageWanted = PageWanted()


class ActionSearch(Lenient):
    subject: Thing
    resource: Thing
    context: Properties = {}
    page: PageWanted = PageWanted()


class Decided(Answer):
    """`context` says by which policies and which version, and why not."""

    decision: bool
    context: dict[str, Any] = {}


class AllDecided(Answer):
    evaluations: list[Decided]


class FoundEntity(Answer):
    type: str
    id: str


class FoundAction(Answer):
    name: str


class PageGiven(Answer):
    """An empty `next_token` is the end."""

    next_token: str
    count: int


class FoundEntities(Answer):
    results: list[FoundEntity]
    page: PageGiven


class FoundActions(Answer):
    results: list[FoundAction]
    page: PageGiven


class DecisionPoint(Answer):
    """Section 9: where everything is."""

    policy_decision_point: str
    access_evaluation_endpoint: str
    access_evaluations_endpoint: str
    search_subject_endpoint: str
    search_resource_endpoint: str
    search_action_endpoint: str
