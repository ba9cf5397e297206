"""What runs, how much memory it takes and how busy it is."""

import contextlib
import os
import time
from pathlib import Path

from deploy.local.mesh import Mesh
from deploy.local.running import Running

_MEASURED_S = 5.0
_PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20
_TICKS = os.sysconf("SC_CLK_TCK")


def show(mesh: Mesh) -> int:
    """Print a line for each process; 0 when all of them run."""
    running = mesh.running()
    found = {name: process for name, process in running.items() if process}
    if not found:
        print("nothing is running (make up starts it)")
        return 1
    before = {name: ticks(process) for name, process in found.items()}
    time.sleep(_MEASURED_S)
    memory = busy = 0.0
    print(f"{'':14}{'pid':>8}{'port':>7}{'MiB':>8}{'CPU %':>8}   over {_MEASURED_S:.0f} s")
    for name, process in running.items():
        if process is None:
            print(f"{name:14}{'-':>8}  not running")
            continue
        spent = (ticks(process) - before[name]) / _TICKS / _MEASURED_S * 100
        resident = resident_mib(process)
        memory, busy = memory + resident, busy + spent
        print(f"{name:14}{process.pid:>8}{process.port:>7}{resident:>8.0f}{spent:>8.1f}")
    print(f"{'all':14}{'':>15}{memory:>8.0f}{busy:>8.1f}")
    return 0 if len(found) == len(running) else 1


def family(pid: int) -> list[int]:
    """The process and everything it has started."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            # A process that has just ended has no children to tell of.
            with contextlib.suppress(OSError):
                found += [int(child) for child in task.read_text().split()]
    return found


def ticks(process: Running) -> int:
    """CPU time that it and what it has started have used."""
    total = 0
    for pid in family(process.pid):
        stat = Path(f"/proc/{pid}/stat")
        if stat.exists():
            fields = stat.read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
    return total


def resident_mib(process: Running) -> float:
    """Memory of it and of what it has started, shared pages counted in proportion."""
    return sum(_proportional_mib(pid) for pid in family(process.pid))


def _proportional_mib(pid: int) -> float:
    rollup = Path(f"/proc/{pid}/smaps_rollup")
    try:
        return next(int(line.split()[1]) / 1024 for line in rollup.read_text().splitlines() if line.startswith("Pss:"))
    except (OSError, StopIteration):
        statm = Path(f"/proc/{pid}/statm")
        return int(statm.read_text().split()[1]) * _PAGE_MIB if statm.exists() else 0.0
