"""`python -m deploy.local.newcomer <config.json>`: a new district from nothing to production; 0 when every step came out right."""

import asyncio
import sys
from pathlib import Path

from deploy.client import NobodyAnswered
from deploy.kit import KitFailed
from deploy.local.journey.config import Config
from deploy.local.journey.context import Unexpected
from deploy.local.newcomer.story import run


def main(config: Path) -> int:
    try:
        outcome = asyncio.run(run(Config.read(config), say=_say))
    except (Unexpected, NobodyAnswered, KitFailed) as reason:
        print(f"\nonboarding: failed: {reason}", file=sys.stderr)
        return 1
    print(f"\n{outcome}")
    return 0


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
