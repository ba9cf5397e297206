"""What an idle mesh needs: memory (shared pages counted in proportion) and CPU of all its processes together.

A mesh of its own, trace viewer included, left alone until its start is forgotten, then looked at several times.
"""

import os
import statistics
import time
from pathlib import Path

from deploy.local import mesh as local
from deploy.local.mesh import Mesh
from deploy.local.status import resident_mib, ticks

SETTLE_S = float(os.environ.get("SETTLE_S", "60"))
LOOKS = int(os.environ.get("LOOKS", "5"))
LOOK_S = float(os.environ.get("LOOK_S", "15"))
FOLDER = Path(__file__).parents[2] / ".tongban" / "bench-idle"


def main() -> None:
    started = time.monotonic()
    with local.temporary(FOLDER) as mesh:
        print(
            f"ready after {time.monotonic() - started:.1f} s, idle for {SETTLE_S:.0f} s, then {LOOKS} looks of {LOOK_S:.0f} s", flush=True
        )
        time.sleep(SETTLE_S)
        mib, busy = zip(*(look(mesh) for _ in range(LOOKS)), strict=True)
    print(f"idle_mib={statistics.median(mib):.0f} idle_cpu_percent={statistics.median(busy):.1f}")


def look(mesh: Mesh) -> tuple[float, float]:
    """MiB and per cent of one core, each process printed."""
    running = {name: found for name, found in mesh.running().items() if found}
    before = {name: ticks(each) for name, each in running.items()}
    time.sleep(LOOK_S)
    busy = {name: (ticks(each) - before[name]) / os.sysconf("SC_CLK_TCK") / LOOK_S * 100 for name, each in running.items()}
    mib = {name: resident_mib(each) for name, each in running.items()}
    print("  ".join(f"{name} {mib[name]:.0f} MiB {busy[name]:.1f} %" for name in running), flush=True)
    return sum(mib.values()), sum(busy.values())


if __name__ == "__main__":
    main()
