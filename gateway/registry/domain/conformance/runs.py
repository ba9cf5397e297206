"""A run's life: open → passed or failed, once, within its time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chassis.errors import Conflict, NotFound
from contracts.problems import gateway as problems
from contracts.values import Id, PartyId


class NoSuchRun(NotFound):
    problem = problems.CONFORMANCE_RUN_NOT_FOUND


class RunHasEnded(Conflict):
    problem = problems.CONFORMANCE_RUN_ENDED


class RunHasExpired(Conflict):
    problem = problems.CONFORMANCE_RUN_EXPIRED


class TooManyRuns(Conflict):
    problem = problems.CONFORMANCE_RUNS_USED_UP


class NotConformant(Conflict):
    """`failing` in the extensions names the checks that the newest run failed."""

    problem = problems.CONFORMANCE_MISSING


@dataclass(frozen=True, slots=True)
class Rules:
    """Whether production demands a pass and for how long one is good, how long a run may take, and how many a party may begin
    in a day."""

    are_demanded: bool = True
    run: timedelta = timedelta(hours=1)
    pass_lasts: timedelta = timedelta(days=90)
    runs_a_day: int = 50


@dataclass(frozen=True, slots=True)
class Run:
    """`found` maps each failed check to what was seen instead."""

    id: Id
    party: PartyId
    kind: str
    seed: str
    state: str
    started_at: datetime
    ended_at: datetime | None = None
    found: tuple[tuple[str, str], ...] = ()

    def expires_at(self, rules: Rules) -> datetime:
        return self.started_at + rules.run

    def check_open(self, rules: Rules, *, at: datetime) -> None:
        """Raises RunHasEnded or RunHasExpired."""
        if self.state != "open":
            raise RunHasEnded(f"the run has {self.state}")
        if at > self.expires_at(rules):
            raise RunHasExpired

    def end(self, found: dict[str, str], *, at: datetime) -> "Run":
        return replace(self, state="failed" if found else "passed", found=tuple(found.items()), ended_at=at)
