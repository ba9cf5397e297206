"""Runs every floor of the tests, the quick ones in two workers, the mesh-wide ones one after another."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_PARALLEL = ("architecture", "unit", "contract", "component", "integration", "authzen", "rules")
_SERIAL = ("system", "resilience", "browser", "conformance")
# All modules of the conformance plans take minutes, because codes and pushed requests must be waited for: `make conformance`.
_MODULES = "12"


def main(chosen: list[str]) -> int:
    if chosen:
        return _pytest(*chosen)
    parallel = _pytest("-n", "2", *_folders(_PARALLEL))
    return parallel or _pytest("-n", "0", "--modules", _MODULES, *_folders(_SERIAL))


def _folders(floors: tuple[str, ...]) -> list[str]:
    return [f"tests/{floor}" for floor in floors if (ROOT / "tests" / floor).is_dir()]


def _pytest(*arguments: str) -> int:
    print(f"tests: {' '.join(arguments)}", flush=True)
    return subprocess.call([sys.executable, "-m", "pytest", "-q", *arguments], cwd=ROOT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
