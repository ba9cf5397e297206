"""Runs every floor of the tests, to the end of each: what failed stands together at the end."""

import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[1]
_FAILED: Final = ("FAILED ", "ERROR ")


@dataclass(frozen=True, slots=True)
class Strand:
    """Floors that one pytest runs; `options` are its own."""

    name: str
    floors: tuple[str, ...]
    options: tuple[str, ...] = ()

    def arguments(self) -> list[str]:
        folders = [f"tests/{floor}" for floor in self.floors]
        return [*self.options, *(each for each in folders if (ROOT / each).is_dir())]


_SERVICES: Final = Strand("services", ("architecture", "unit", "contract", "component", "integration", "authzen", "rules"), ("-n", "2"))
_MESHES: Final = (
    Strand("system", ("system",), ("-n", "0")),
    # All modules of the conformance plans take minutes, because codes and pushed requests must be waited for: `make conformance`.
    Strand("mesh", ("resilience", "browser", "conformance"), ("-n", "0", "--modules", "12")),
)
# The quick floors keep two processors busy. A mesh waits most of its time, for codes and answers that run out and for processes that start:
# two of them beside each other take as long as one.
ROUNDS: Final = ((_SERVICES,), _MESHES)


def main(chosen: list[str]) -> int:
    if chosen:
        print(f"tests: {' '.join(chosen)}", flush=True)
        return subprocess.call(_pytest(chosen), cwd=ROOT)
    return run(*({strand.name: strand.arguments() for strand in strands} for strands in ROUNDS))


def run(*rounds: dict[str, list[str]]) -> int:
    """Round after round, the strands of each beside each other, with their arguments for pytest and their names before their lines.
    0 when all of them passed."""
    ended = [each for strands in rounds for each in _beside(strands)]
    for name, status, took_s, failed in ended:
        print(f"tests: {name}: {'passed' if status == 0 else f'status {status}'} after {took_s:.0f} s")
        for line in failed:
            print(f"  {line}")
    return int(any(status for _, status, _, _ in ended))


def _beside(strands: dict[str, list[str]]) -> list[tuple[str, int, float, list[str]]]:
    with ThreadPoolExecutor(len(strands)) as threads:
        return list(threads.map(_followed, strands, strands.values()))


def _followed(name: str, arguments: Sequence[str]) -> tuple[str, int, float, list[str]]:
    """The name, the status, how long it took, and what pytest's own summary says to have failed."""
    began, failed = time.monotonic(), []
    print(f"tests: {name}: {' '.join(arguments)}", flush=True)
    with subprocess.Popen(
        _pytest(arguments), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as pytest:
        assert pytest.stdout
        for line in pytest.stdout:
            print(f"{name:>8} | {line}", end="", flush=True)
            if line.startswith(_FAILED):
                failed.append(line.rstrip())
    return name, pytest.returncode, time.monotonic() - began, failed


def _pytest(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-u", "-m", "pytest", "-q", *arguments]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
