"""Signing on by a national or provincial platform that has already verified its person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from chassis.errors import Forbidden, Unavailable
from contracts.problems import identity as problems
from contracts.values import Assurance

FEDERATION_LIFE: Final = timedelta(minutes=10)


class UpstreamAway(Unavailable):
    problem = problems.UPSTREAM_PLATFORM_AWAY


class UpstreamRefused(Forbidden):
    problem = problems.UPSTREAM_PLATFORM_REFUSED


@dataclass(frozen=True, slots=True)
class Upstream:
    """A platform as its operator described it. `claims` maps our words to its claims, `levels` its levels to ours."""

    id: str
    kind: str
    zh: str
    en: str
    url: str
    client_id: str
    secret: str
    claims: Mapping[str, str]
    levels: Mapping[str, int]
    document_types: Mapping[str, str]
    digest: str = "sm3"

    def stated(self, said: Mapping[str, Any]) -> "Stated":
        """What the platform's user information says of the person, in our words. Raises UpstreamRefused."""
        try:
            read = {ours: str(said[theirs]) for ours, theirs in self.claims.items()}
            return Stated(
                subject=read["subject"],
                name=read["name"],
                document_type=self.document_types[read["document_type"]],
                document_number=read["document_number"],
                assurance=Assurance(self.levels[read["level"]]),
            )
        except (KeyError, ValueError) as error:
            raise UpstreamRefused(f"{self.id} says nothing usable of its person: {error}") from error


@dataclass(frozen=True, slots=True)
class Stated:
    """A person as a platform vouches for them. `subject` is its own name for the person."""

    subject: str
    name: str
    document_type: str
    document_number: str
    assurance: Assurance
