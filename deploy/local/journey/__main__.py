"""`python -m deploy.local.journey <config.json> [NAME]`: tells one citizen's journey; 0 when every step came out as it should.

The citizen is the sandbox's person of that name, the first unless named, and must be new to the mesh.
"""

import asyncio
import sys
from pathlib import Path

from deploy.client import NobodyAnswered, SignOnFailed
from deploy.local.journey.config import Config, people
from deploy.local.journey.context import Unexpected
from deploy.local.journey.story import run


def main(config: Path, name: str = "") -> int:
    person = next(each for each in people() if name in {"", each.name})
    try:
        outcome = asyncio.run(run(Config.read(config), say=_say, person=person))
    except (Unexpected, NobodyAnswered, SignOnFailed) as reason:
        print(f"\njourney: failed: {reason}", file=sys.stderr)
        return 1
    print(f"\n{outcome.seconds:.1f} s")
    print(outcome)
    return 0


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
