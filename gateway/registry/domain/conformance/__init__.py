"""接入验收: what an integrator's system must show before production opens, and how a run of the kit is judged.

Pure: the kit plays by these rules, and the gateway replays what the kit says it saw by the very same ones (ADR-0037).
"""

from gateway.registry.domain.conformance.catalogue import checks_for
from gateway.registry.domain.conformance.judging import TranscriptIsNotGenuine, Trial, judge
from gateway.registry.domain.conformance.runs import NoSuchRun, NotConformant, Rules, Run, RunHasEnded, RunHasExpired, TooManyRuns
from gateway.registry.domain.conformance.scripts import RETRY_AFTER_S, Script, script_of
from gateway.registry.domain.conformance.stages import Asked, Met, Stage, stage_for

__all__ = [
    "RETRY_AFTER_S",
    "Asked",
    "Met",
    "NoSuchRun",
    "NotConformant",
    "Rules",
    "Run",
    "RunHasEnded",
    "RunHasExpired",
    "Script",
    "Stage",
    "TooManyRuns",
    "TranscriptIsNotGenuine",
    "Trial",
    "checks_for",
    "judge",
    "script_of",
    "stage_for",
]
