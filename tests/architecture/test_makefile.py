import re
import subprocess

import pytest

from tests.architecture.house_rules import ROOT

_TEXT = (ROOT / "Makefile").read_text()
_RULE = re.compile(r"^([a-z][a-z-]*):(?!=)(.*)$", re.MULTILINE)


def phony(text: str) -> list[str]:
    joined = text.replace("\\\n", " ")
    return [name for line in re.findall(r"^\.PHONY:(.*)$", joined, re.MULTILINE) for name in line.split()]


def without_help(text: str) -> list[str]:
    return [name for name, rest in _RULE.findall(text) if "## " not in rest]


@pytest.fixture(scope="module")
def said() -> str:
    """What bare `make` prints."""
    done = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("target", phony(_TEXT))
def test_bare_make_prints_every_target_with_what_it_does(said: str, target: str) -> None:
    assert re.search(rf"^  {re.escape(target)}\s+\S", said, re.MULTILINE)


def test_every_target_says_what_it_does_and_is_phony() -> None:
    assert without_help(_TEXT) == []
    assert sorted(name for name, _ in _RULE.findall(_TEXT)) == sorted(phony(_TEXT))


def test_a_target_without_help_is_found() -> None:
    assert without_help("quiet:\n\t@true\nloud: setup ## it speaks\n\t@true\n") == ["quiet"]


def test_every_module_that_a_target_runs_exists() -> None:
    modules = re.findall(r"-m ((?:deploy|tests)[\w.]*)", _TEXT)
    paths = [ROOT / module.replace(".", "/") for module in modules]
    assert [str(path) for path in paths if not (path.with_suffix(".py").exists() or (path / "__main__.py").exists())] == []
