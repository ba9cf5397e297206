"""`python -m deploy.local.journey <config.json>`: tells one citizen's journey; 0 when every step came out as it should."""

import asyncio
import sys
from pathlib import Path

from deploy.client import NobodyAnswered, SignOnFailed
from deploy.local.journey.config import Config
from deploy.local.journey.context import Unexpected
from deploy.local.journey.story import run


def main(config: Path) -> int:
    try:
        outcome = asyncio.run(run(Config.read(config), say=_say))
    except (Unexpected, NobodyAnswered, SignOnFailed) as reason:
        print(f"\njourney: failed: {reason}", file=sys.stderr)
        return 1
    print(f"\n{outcome.seconds:.1f} s")
    print(outcome)
    return 0


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
