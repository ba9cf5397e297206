"""Policies as people write and read them: each statement with its place, its name and its sentence in both languages."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import cedarpy

REFUSALS: Final = frozenset({"permission-not-granted", "assurance-too-low", "sign-on-too-old"})
"""What a `forbid` may mean to who is refused: codes of problems of this room."""

_TOKEN: Final = re.compile(r'//[^\n]*|"(?:[^"\\]|\\.)*"|;', re.DOTALL)
_LEADING: Final = re.compile(r"(?:\s+|//[^\n]*(?:\n|$))*")
_ID: Final = re.compile(r"[a-z][a-z0-9-]{0,62}")
_CITED: Final = re.compile(r"`([^`]+)`|: (\w+)$")


@dataclass(frozen=True, slots=True)
class Policy:
    """`refuses` is the code of the problem that a `forbid` is answered by, `line` where its statement starts, from 1."""

    id: str
    effect: str
    zh: str
    en: str
    refuses: str
    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a text, and where. `policy` is its name, or "" where the text was not understood."""

    file: str
    line: int
    policy: str
    message: str


def read(files: Mapping[str, str]) -> tuple[tuple[Policy, ...], tuple[Fault, ...]]:
    """The policies of the `.cedar` files in the order of the files' names, and everything that is wrong with them."""
    policies: list[Policy] = []
    faults: list[Fault] = []
    for file in cedar_files(files):
        for line, text in statements(files[file]):
            found = _policy(file, line, text, {each.id for each in policies})
            (policies if isinstance(found, Policy) else faults).append(found)  # type: ignore[arg-type]  # each in its own list
    return tuple(policies), tuple(faults)


def cedar_files(files: Mapping[str, str]) -> list[str]:
    return sorted(name for name in files if name.endswith(".cedar"))


def statements(text: str) -> Iterator[tuple[int, str]]:
    """(line, statement) of each statement, comments before it left out."""
    start = 0
    for token in _TOKEN.finditer(text):
        if token[0] == ";":
            yield _placed(text, start, token.end())
            start = token.end()
    line, rest = _placed(text, start, len(text))
    if rest:
        yield line, rest


def _placed(text: str, start: int, end: int) -> tuple[int, str]:
    leading = _LEADING.match(text, start, end)
    begin = leading.end() if leading else start
    return text.count("\n", 0, begin) + 1, text[begin:end].rstrip()


def _policy(file: str, line: int, text: str, known: set[str]) -> Policy | Fault:
    try:
        said = json.loads(cedarpy.policies_to_json_str(text))
    except ValueError as reason:
        return Fault(file, line + _lines_to(str(reason), text), "", str(reason))
    if not said["staticPolicies"]:
        return Fault(file, line, "", "a template decides nothing by itself")
    [policy] = said["staticPolicies"].values()
    notes = policy.get("annotations", {})
    name, zh, en, refuses = (notes.get(each) or "" for each in ("id", "zh", "en", "refuses"))
    if wrong := _missing(name, zh, en, known) or _refusal(policy["effect"], refuses):
        return Fault(file, line, name, wrong)
    return Policy(name, policy["effect"], zh, en, refuses, file, line, text)


def _missing(name: str, zh: str, en: str, known: set[str]) -> str:
    if not _ID.fullmatch(name):
        return "@id must name the policy in lower case, digits and hyphens"
    if name in known:
        return "another policy has this @id"
    if not zh or not en or not en.isascii():
        return "@zh and @en must each say the policy in one sentence"
    return ""


def _refusal(effect: str, refuses: str) -> str:
    if effect == "forbid" and refuses not in REFUSALS:
        return f"a forbid says what it @refuses as: {', '.join(sorted(REFUSALS))}"
    return "only a forbid refuses" if effect == "permit" and refuses else ""


def _lines_to(reason: str, text: str) -> int:
    """How many lines below its start a statement goes wrong, as far as the reason says by what."""
    cited = _CITED.search(reason)
    at = text.find(cited[1] or cited[2]) if cited else -1
    return text.count("\n", 0, at) if at >= 0 else 0
