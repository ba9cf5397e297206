"""数据共享核验: whether one call for data is inside its scene. What is outside is refused by name and reaches no supplier."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from chassis.errors import Forbidden, ServiceError, Unavailable
from contracts.api.application import CaseStanding
from contracts.problems import sharing as problems
from contracts.values import CaseNumber, CreditCode, DivisionCode, OrganisationId, PartyId, PersonId
from gateway.registry.domain.data_items import DataItem
from gateway.registry.domain.scenes import Scene

_AHEAD: Final = timedelta(minutes=5)
"""How far a supplier's clock may be before ours."""


class OutsideScene(Forbidden):
    """`rule` is the one that is broken, also the problem's code."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail, rule=self.problem.code)


class NoScene(OutsideScene):
    problem = problems.NO_SCENE


class SceneWasRevoked(OutsideScene):
    problem = problems.SCENE_REVOKED


class SceneIsExpired(OutsideScene):
    problem = problems.SCENE_EXPIRED


class ItemIsOutside(OutsideScene):
    problem = problems.ITEM_OUTSIDE


class FieldIsOutside(OutsideScene):
    problem = problems.FIELD_OUTSIDE


class MatterIsOutside(OutsideScene):
    problem = problems.MATTER_OUTSIDE


class VerifyIsPreferred(OutsideScene):
    problem = problems.VERIFY_PREFERRED


class ModeIsNotOffered(OutsideScene):
    problem = problems.MODE_NOT_OFFERED


class OnTheNegativeList(OutsideScene):
    problem = problems.NEGATIVE_LIST


class ItemIsGone(OutsideScene):
    problem = problems.ITEM_GONE


class CaseIsNotAlive(OutsideScene):
    problem = problems.CASE_NOT_ALIVE


class CaseIsNotYours(OutsideScene):
    problem = problems.CASE_NOT_YOURS


class SubjectIsNotInCase(OutsideScene):
    problem = problems.SUBJECT_NOT_IN_CASE


class CallsOfSceneAreUsedUp(OutsideScene):
    problem = problems.DAILY_CAP


class QuotaOfItemIsUsedUp(OutsideScene):
    problem = problems.ITEM_QUOTA


class SupplierIsAway(Unavailable):
    problem = problems.SUPPLIER_AWAY


class SupplierRefused(ServiceError):
    problem = problems.SUPPLIER_REFUSED


class SupplierAnswerIsNotValid(ServiceError):
    problem = problems.SUPPLIER_NONSENSE


class DataIsStale(ServiceError):
    problem = problems.DATA_STALE


@dataclass(frozen=True, slots=True)
class Call:
    """`mode` is verify or query; `case` names the matter too."""

    item: str
    mode: str
    fields: tuple[str, ...]
    case: CaseNumber
    party: PartyId


@dataclass(frozen=True, slots=True)
class Handler:
    """A district handles the cases of its division, a department those of its agency."""

    kind: str
    agency: CreditCode | None
    division: DivisionCode | None

    def handles(self, standing: CaseStanding) -> bool:
        if self.kind == "district":
            return self.division is not None and standing.division == self.division
        return self.kind == "department" and self.agency is not None and standing.agency == self.agency


def check_scene(call: Call, scene: Scene | None, *, day: date) -> Scene:
    """The scene, when it is the caller's, in force, and for the case's matter."""
    if scene is None or scene.demander != call.party:
        raise NoScene
    if scene.state == "revoked":
        raise SceneWasRevoked
    state = scene.state_on(day)
    if state == "expired" or (state == "approved" and day < scene.valid_from):
        raise SceneIsExpired(f"from {scene.valid_from} to {scene.valid_to}")
    if state != "approved":
        raise NoScene(f"the scene is {state}")
    if call.case.task_code.basic not in scene.matters:
        raise MatterIsOutside
    return scene


def check_item(call: Call, scene: Scene, item: DataItem, negative: Collection[str], *, at: datetime) -> None:
    """Whether the scene grants this item in this way, and the item is there to be asked."""
    grant = scene.grant_of(call.item)
    if grant is None:
        raise ItemIsOutside
    if item.code in negative:
        raise OnTheNegativeList
    if item.sharing == "none" or not item.is_in_use(at):
        raise ItemIsGone
    # A later version may be shared on the supplier's terms only: whoever was never asked has not agreed.
    if item.sharing == "conditional" and item.owner not in scene.asked:
        raise ItemIsOutside("the supplier was never asked")
    if call.mode == "query" and grant.mode == "verify":
        raise VerifyIsPreferred
    if call.mode not in item.modes:
        raise ModeIsNotOffered
    outside = sorted(set(call.fields) - (set(grant.fields) & item.field_names))
    if outside:
        raise FieldIsOutside(", ".join(outside))


def check_case(standing: CaseStanding, handler: Handler) -> None:
    if not handler.handles(standing):
        raise CaseIsNotYours
    if not standing.is_alive:
        raise CaseIsNotAlive


def subject_in(standing: CaseStanding, wanted: PersonId | None, *, about: str) -> PersonId | OrganisationId:
    """Whom an item `about` persons or organisations is asked of: the applicant (`wanted` None), or another party to the case."""
    parties: list[PersonId | OrganisationId] = [each for each in (standing.person_id, standing.organisation_id) if each]
    if about == "person" and standing.submitted_by:
        parties.append(standing.submitted_by)
    kind = PersonId if about == "person" else OrganisationId
    found = [each for each in parties if isinstance(each, kind) and (wanted is None or each == wanted)]
    # Who acts for the applicant is a party too, but not who is meant when nobody is named.
    if not found or (wanted is None and found[0] == standing.submitted_by):
        raise SubjectIsNotInCase
    return found[0]


def is_stale(item: DataItem, as_of: datetime, *, at: datetime) -> bool:
    """Raises SupplierAnswerIsNotValid for data of the future, DataIsStale where the item is shared fresh or not at all."""
    if as_of > at + _AHEAD:
        raise SupplierAnswerIsNotValid("the data is of the future")
    stale = at - as_of > timedelta(seconds=item.max_age_s)
    if stale and item.refuses_stale:
        raise DataIsStale(as_of=as_of.isoformat())
    return stale
