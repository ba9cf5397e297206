"""Everything that the decision about one request depends on, as one value that can be written down and decided again."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Self

from gateway.policies.questions import Entity, Question

NOBODY: Final = "portal"
"""The id and the kind of the party of a request that no party makes."""


@dataclass(frozen=True, slots=True)
class Facts:
    """`party` … `division` are who calls; `permission` … `owner` the resource and what its guard demands; the rest is the
    scene: for whom (`subject`: person, organisation, staff, client or ""), how sure, whether the sign-on is young enough,
    whether somebody `acts_for` the subject, whether an officer is named and with which `duties`, through which channel,
    in which scene and for which purpose, and which matters a mandate is bound to (none: all).
    """

    party: str = NOBODY
    kind: str = NOBODY
    agency: str = ""
    division: str = ""
    permission: str = ""
    route: str = ""
    service: str = ""
    audience: str = ""
    demanded: int = 0
    grade: int = 1
    sharing: str = "conditional"
    state: str = "active"
    owner: str = ""
    subject: str = ""
    assurance: int = 0
    fresh: bool = True
    acts_for: bool = False
    officer: bool = False
    duties: tuple[str, ...] = ()
    environment: str = "production"
    channel: str = ""
    scene: str = ""
    purpose: str = ""
    matter: str = ""
    matters: tuple[str, ...] = ()

    def question(self) -> Question:
        return Question(
            Entity("Party", self.party, {name: getattr(self, name) for name in _OF_PARTIES}),
            self.permission,
            Entity("Route", self.route, {"assurance": self.demanded} | {name: getattr(self, name) for name in _OF_ROUTES}),
            {name: getattr(self, name) for name in _OF_SCENES},
        )

    def as_json(self) -> dict[str, Any]:
        """What differs from nobody asking for nothing."""
        said = ((name, getattr(self, name)) for name in _USUAL)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in said if value != _USUAL[name]}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        """Names that are not known any more are passed over."""
        known: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items() if name in _USUAL}
        return cls(**known)


_OF_PARTIES: Final = ("kind", "agency", "division")
_OF_ROUTES: Final = ("service", "audience", "grade", "sharing", "state", "owner")
_OF_SCENES: Final = (
    "subject", "assurance", "fresh", "acts_for", "officer", "duties", "environment", "channel", "scene", "purpose", "matter", "matters",
)  # fmt: skip
_USUAL: Final[dict[str, Any]] = {each.name: each.default for each in fields(Facts)}
SCENE: Final[dict[str, Any]] = {name: _USUAL[name] for name in _OF_SCENES}
"""What a scene is when nothing is said of it."""


def matter_in(template: str, path: str) -> str:
    """The code of the matter that a path is about (`/matters/{…}`), "" where it is about none."""
    return path.split("/")[2] if template.startswith("/matters/{") else ""
