"""`python -m tests.rules [COUNT] [SEED]`: replay COUNT generated requests and say where gateway and oracle differ."""

import asyncio
import logging
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Final

import structlog

from tests.rules.replaying import replay

_COUNT: Final = 24_000
_SHOWN: Final = 10


def main(count: int, seed: int) -> int:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    outcome = asyncio.run(replay(count, seed))
    print(f"seed={seed} granted={outcome.granted}")
    for (room, code), found in sorted(outcome.refusals.items()):
        print(f"  {room:14} {code:28} {found:6}")
    for request, expected, met in outcome.mismatches[:_SHOWN]:
        print(f"MISMATCH {request}\n  expected {expected}\n  met      {met}")
    kinds = Counter(((expected.room, expected.code), (met.room, met.code)) for _, expected, met in outcome.mismatches)
    for (expected_, met_), found in kinds.most_common(_SHOWN):
        print(f"  {found} x expected {expected_} met {met_}")
    print(outcome.line())
    return 1 if outcome.mismatches or len(outcome.rooms) < 6 else 0


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parents[2])
    arguments = [int(each) for each in sys.argv[1:]]
    sys.exit(main(arguments[0] if arguments else _COUNT, arguments[1] if len(arguments) > 1 else int(os.environ.get("TONGBAN_SEED", "1"))))
