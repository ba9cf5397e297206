import re
from pathlib import Path

import pytest

from tests.architecture.house_rules import ROOT

_TOP = {entry.name for entry in ROOT.iterdir() if not entry.name.startswith(".git")}
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\s]+)`")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def documents() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "tests").glob("*.md")])


def links(text: str) -> list[str]:
    """Targets of links into the repository, without their anchors."""
    found = [first or second for first, second in _LINK.findall(_FENCE.sub("", text))]
    return [target.partition("#")[0] for target in found if "://" not in target and not target.startswith(("#", "mailto:"))]


def named_paths(text: str) -> list[str]:
    """What is written as code and begins with something of the repository's root; patterns and places to fill in are not paths."""
    found = [name.partition("::")[0].rstrip("/") for name in _CODE.findall(_FENCE.sub("", text))]
    return [name for name in found if "/" in name and name.partition("/")[0] in _TOP and not set(name) & set("<>*{}…")]


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_and_every_named_path_of_a_document_exists(document: Path) -> None:
    text = document.read_text()
    dead = [target for target in links(text) if not (document.parent / target).exists()]
    gone = [name for name in named_paths(text) if not (ROOT / name).exists()]
    assert (dead, gone) == ([], [])


def test_links_and_paths_are_found_in_a_text() -> None:
    text = "[a](docs/adr#x) ![p](images/p.png) [w](https://example.org) `gateway/nothing.py` `contracts/api/<service>.py` `a/b` `routes.py`"
    assert links(text) == ["docs/adr", "images/p.png"]
    assert named_paths(text) == ["gateway/nothing.py"]


def test_decisions_are_numbered_without_gaps_and_have_five_headings() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [record.name[:4] for record in records] == [f"{number:04d}" for number in range(1, len(records) + 1)]
    for record in records:
        text = record.read_text()
        assert [word for word in ("Status", "Context", "Decision", "Consequences", "Alternatives") if word not in text] == [], record.name
