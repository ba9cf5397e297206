"""Judges a transcript: first whether it is one of this run, then every check, whatever the kit itself makes of them."""

from dataclasses import dataclass

from chassis.errors import Invalid
from contracts.api.gateway import Exchange
from contracts.problems import gateway as problems
from contracts.values import PartyId
from gateway.registry.domain.conformance import cases, manners, sign_on, signing
from gateway.registry.domain.conformance.catalogue import checks_for
from gateway.registry.domain.conformance.scripts import WRITES_NEEDED, script_of
from gateway.registry.domain.conformance.stages import Asked, stage_for


class TranscriptIsNotGenuine(Invalid):
    problem = problems.CONFORMANCE_NOT_GENUINE


@dataclass(frozen=True, slots=True)
class Trial:
    """A transcript and what it is judged by. `keys` are the party's registered ones; `began_ms` and `until_ms` bound the run."""

    kind: str
    seed: str
    party: PartyId
    keys: signing.Keys
    exchanges: tuple[Exchange, ...]
    began_ms: int
    until_ms: int


def judge(trial: Trial) -> dict[str, str]:
    """Failed check → what was seen instead; empty for a pass. Raises TranscriptIsNotGenuine."""
    _check_times(trial)
    _check_script(trial)
    seen = manners.found(trial.exchanges)
    if trial.kind == "app":
        seen |= sign_on.found(trial.exchanges, trial.party, trial.keys, trial.seed)
    else:
        seen |= signing.found(trial.exchanges, trial.party, trial.keys)
    if trial.kind == "district":
        seen |= cases.found(trial.exchanges, script_of(trial.seed))
    else:
        seen |= _enough(trial.exchanges)
    return {check.id: seen[check.id] for check in checks_for(trial.kind) if check.id in seen}


def _check_times(trial: Trial) -> None:
    before = trial.began_ms
    for each in trial.exchanges:
        if not before <= each.at_ms <= each.answered_ms <= trial.until_ms:
            raise TranscriptIsNotGenuine("a request is outside the time of the run or out of order")
        before = each.at_ms


def _check_script(trial: Trial) -> None:
    """The kit must have met each request as the script of the seed does."""
    stage = stage_for(trial.kind, script_of(trial.seed))
    for each in trial.exchanges:
        met = stage.meet(Asked.by(each))
        is_same = each.play == met.play and tuple(each.shown) == met.shown and (met.status is None or met.status == each.status)
        if not is_same:
            raise TranscriptIsNotGenuine(f"{each.method} {each.path[:100]} was not met as the script says")


def _enough(exchanges: tuple[Exchange, ...]) -> dict[str, str]:
    writes = {(each.method, each.path, each.body_sha256) for each in exchanges if manners.is_write(each)}
    return {} if len(writes) >= WRITES_NEEDED else {"writes-shown": f"{len(writes)} different writes"}
