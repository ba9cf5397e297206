"""No committed file names a package registry: where packages come from is the business of whoever installs them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.house_rules import ROOT

# In parts, so that this file names none either.
_HOSTS: Final = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("registry", "npmmirror", "com"),
        ("repo", "maven", "apache", "org"),
        ("repo1", "maven", "org"),
        ("maven", "aliyun", "com"),
        ("mirrors", "aliyun", "com"),
        ("tuna", "tsinghua", "edu", "cn"),
        ("mirrors", "ustc", "edu", "cn"),
        ("proxy", "golang", "org"),
        ("goproxy", "cn"),
        ("crates", "io"),
        ("rubygems", "org"),
        ("anaconda", "org"),
    )
)
_NOT_COMMITTED: Final = frozenset(
    {".git", ".tongban", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".import_linter_cache", ".hypothesis"}
)


def named(text: str) -> list[str]:
    return [host for host in _HOSTS if host in text]


def files(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.name in _NOT_COMMITTED or entry.name == ".env":
            continue
        if entry.is_dir():
            yield from files(entry)
        else:
            yield entry


def test_no_file_names_a_package_registry() -> None:
    found = {file.relative_to(ROOT).as_posix(): named(file.read_text(errors="replace")) for file in files(ROOT)}
    assert {name: hosts for name, hosts in found.items() if hosts} == {}
    assert len(found) > 200


@pytest.mark.parametrize("host", _HOSTS)
def test_a_registry_is_found_where_it_is_named(host: str) -> None:
    assert named(f"--index-url https://{host}/simple") == [host]
