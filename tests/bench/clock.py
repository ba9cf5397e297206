"""`python -m tests.bench.clock`: random histories of cases, by the legal clock and by the model that goes through every minute.

HISTORIES is how many (100,000 unless said), CLOCK_SEED which. Prints how often the two differ, and the first that does.
"""

import os
import sys
import time

from tests.unit.application.histories import differences

HISTORIES = int(os.environ.get("HISTORIES", "100000"))
SEED = int(os.environ.get("CLOCK_SEED", "1"))


def main() -> int:
    started = time.monotonic()
    found = terms = 0
    for difference in differences(SEED, HISTORIES):
        terms += len(difference.terms)
        if difference.said:
            found += 1
            if found == 1:
                print(difference.said, file=sys.stderr)
    print(f"histories={HISTORIES} terms={terms} differences={found} seed={SEED} seconds={time.monotonic() - started:.0f}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
