"""An import as a plan: what a document changes in what stands, and whether that still stands when it is reviewed."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, Protocol

from chassis.errors import Conflict, NotFound
from contracts.api import catalogue as api
from contracts.problems import catalogue as problems
from services.catalogue.domain.beside import Known, broken_packages, broken_points
from services.catalogue.domain.differences import differences
from services.catalogue.domain.lifecycle import MatterRetired
from services.catalogue.domain.local_terms import left_out, with_kept
from services.catalogue.domain.matters import ImportRefused, digest_of_content, errors_in

ERRORS_SHOWN: Final = 500
_PARTS: Final = 2000
"""How many differences are kept of one import, all matters together."""


class NoSuchImport(NotFound):
    problem = problems.IMPORT_NOT_FOUND


class ImportNotWaiting(Conflict):
    problem = problems.IMPORT_NOT_WAITING


class SameOfficerMayNotReview(Conflict):
    problem = problems.IMPORT_SAME_OFFICER


class OtherDocumentReviewed(Conflict):
    problem = problems.IMPORT_OTHER_DIGEST


class ImportIsStale(Conflict):
    """`matters` and `beside` name what was published anew since."""

    problem = problems.IMPORT_STALE


class Head(Protocol):
    """The newest version of a matter."""

    @property
    def version(self) -> int: ...

    @property
    def digest(self) -> bytes: ...

    @property
    def effective_at(self) -> datetime: ...

    @property
    def state(self) -> str: ...

    @property
    def last(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """What is published: `heads` are the newest versions by basic code, `asking` the matters that are revised because the
    document changes a field of their form, `contents` those that the document says anew, as JSON texts. `issued` are names of what
    matters that the document does not have issue, with the type of certificate. `kept_by` are the agencies of packages, `steps` the
    matters of the document's packages that it does not have itself."""

    divisions: Mapping[str, api.Division]
    agencies: Mapping[str, api.Agency]
    fields: Mapping[str, api.FormField]
    heads: Mapping[str, Head]
    asking: Sequence[api.Matter]
    contents: Mapping[str, str]
    packages: Mapping[str, api.Package] = field(default_factory=dict)
    points: Mapping[str, api.ServicePoint] = field(default_factory=dict)
    kept_by: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[str, api.Matter] = field(default_factory=dict)
    issued: Mapping[str, str] = field(default_factory=dict)

    def rows_beside(self) -> tuple[Mapping[str, Any], ...]:
        return self.divisions, self.agencies, self.fields, self.packages, self.points


@dataclass(frozen=True, slots=True)
class Prepared:
    """A matter that gets a version, rendered and hashed once. `version` is the one it gets, `before` the one that stands, 0: none."""

    matter: api.Matter
    content: dict[str, Any]
    form: list[dict[str, Any]]
    digest: bytes
    version: int
    before: int


@dataclass(frozen=True, slots=True)
class Plan:
    """`base` is what the plan stands on: by basic code the version before, and by table and code the digest of the row before."""

    changed: Sequence[Prepared]
    packages: Sequence[api.Package]
    points: Sequence[api.ServicePoint]
    findings: api.ImportFindings
    base: dict[str, Any]


def digest_of_document(document: api.ImportCatalogue) -> bytes:
    return hashlib.sha256(document.model_dump_json(exclude={"dry_run"}).encode()).digest()


def plan(document: api.ImportCatalogue, standing: Standing, agency: str | None = None) -> Plan:
    """What the document changes, when this agency hands it in. Raises ImportRefused with every broken rule."""
    fields = dict(standing.fields) | {each.name: each for each in document.fields}
    forms = {name: each.model_dump(mode="json") for name, each in fields.items()}
    prepared, left = _with_own_terms(document, forms, standing)
    errors = errors_in(
        document.model_copy(update={"matters": [each.matter for each in prepared]}),
        agencies=standing.agencies.keys() | {each.code for each in document.agencies},
        divisions=standing.divisions.keys() | {each.code for each in document.divisions},
        fields=fields,
        areas={
            code: agency.area
            for code, agency in (*standing.agencies.items(), *((each.code, each) for each in document.agencies))
            if agency.area
        },
        issued=standing.issued,
    )
    packages = [each for each in document.packages if standing.packages.get(each.code) != each]
    points = [each for each in document.points if standing.points.get(each.code) != each]
    steps: dict[str, api.Matter] = dict(standing.steps) | {each.matter.basic_code: each.matter for each in prepared}
    known = Known(steps, fields, standing.kept_by, standing.divisions.keys() | {each.code for each in document.divisions}, standing.points)
    errors += broken_packages(document, packages, known, agency)
    errors += broken_points(document, points, known)
    if errors:
        raise ImportRefused(f"{len(errors)} rules are broken", errors=errors[:ERRORS_SHOWN])
    given = {matter.basic_code for matter in document.matters}
    others = [_prepared(matter, forms, standing) for matter in standing.asking if matter.basic_code not in given]
    prepared = [*prepared, *others]
    changed = [each for each in prepared if _digest_in(standing, each.matter.basic_code) != each.digest]
    for each in changed:
        if (head := standing.heads.get(each.matter.basic_code)) and head.state == "retired":
            raise MatterRetired(f"{each.matter.basic_code} is retired", basic_code=each.matter.basic_code)
    base = {each.matter.basic_code: each.before for each in changed}
    beside, before = _beside(document, standing)
    found = _findings(changed, given, standing, {name for name in beside["fields"] if name in standing.fields})
    return Plan(
        changed,
        packages,
        points,
        found.model_copy(update={"beside": api.BaseChanges(**beside), "left_out": left}),
        {"matters": base, "beside": before},
    )


def stale(before: Mapping[str, Any], now: Mapping[str, Any]) -> ImportIsStale | None:
    """The refusal of a plan that no longer stands on what it stood on."""
    moved = sorted(
        code for code in before["matters"].keys() | now["matters"].keys() if before["matters"].get(code) != now["matters"].get(code)
    )
    tables = before["beside"].keys() | now["beside"].keys()
    beside = sorted(table for table in tables if before["beside"].get(table) != now["beside"].get(table))
    if not moved and not beside:
        return None
    return ImportIsStale(f"{len(moved)} matters and {len(beside)} tables changed since", matters=moved[:100], beside=beside)


def _prepared(matter: api.Matter, forms: Mapping[str, dict[str, Any]], standing: Standing) -> Prepared:
    # A field that nobody knows is a rule's to find.
    content, form = matter.model_dump(mode="json"), [forms[name] for name in matter.form if name in forms]
    head = standing.heads.get(matter.basic_code)
    return Prepared(matter, content, form, digest_of_content(content, form), head.last + 1 if head else 1, head.version if head else 0)


def _with_own_terms(
    document: api.ImportCatalogue, forms: Mapping[str, dict[str, Any]], standing: Standing
) -> tuple[list[Prepared], list[api.LeftOut]]:
    """The document's matters, with the terms of their own that agencies have and it leaves out unless it replaces them."""
    found, left = [], []
    for matter in document.matters:
        made = _prepared(matter, forms, standing)
        now = None if _digest_in(standing, matter.basic_code) == made.digest else _content(standing, matter.basic_code)
        if now is not None and (words := left_out(matter, now)):
            is_kept = document.local_terms == "keep"
            made = _prepared(with_kept(matter, now, words), forms, standing) if is_kept else made
            became: Literal["kept", "dropped"] = "kept" if is_kept else "dropped"
            left.append(api.LeftOut(basic_code=matter.basic_code, became=became, task_codes=list(words)))
        found.append(made)
    return found, left


def _content(standing: Standing, basic_code: str) -> dict[str, Any] | None:
    """What is newest of a matter."""
    text = standing.contents.get(basic_code)
    return None if text is None else json.loads(text)


def _digest_in(standing: Standing, basic_code: str) -> bytes | None:
    head = standing.heads.get(basic_code)
    return head.digest if head else None


def _beside(document: api.ImportCatalogue, standing: Standing) -> tuple[dict[str, list[str]], dict[str, dict[str, str | None]]]:
    """What is new or said otherwise beside the matters, and the digests of what stood there."""
    tables: dict[str, tuple[dict[str, Any], Mapping[str, Any]]] = {
        "divisions": ({each.code: each for each in document.divisions}, standing.divisions),
        "agencies": ({each.code: each for each in document.agencies}, standing.agencies),
        "fields": ({each.name: each for each in document.fields}, standing.fields),
        "packages": ({each.code: each for each in document.packages}, standing.packages),
        "points": ({each.code: each for each in document.points}, standing.points),
    }
    changed = {table: [code for code, row in rows.items() if known.get(code) != row] for table, (rows, known) in tables.items()}
    before = {table: {code: _digest(tables[table][1].get(code)) for code in codes} for table, codes in changed.items()}
    return changed, before


def _digest(row: Any) -> str | None:
    if row is None:
        return None
    return hashlib.sha256(json.dumps(row.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()


def _findings(
    changed: Sequence[Prepared], given: Collection[str], standing: Standing, changed_fields: Collection[str]
) -> api.ImportFindings:
    created = sum(not each.before for each in changed)
    revised = len(changed) - created
    most = max(3, min(20, _PARTS // max(revised, 1)))
    found = []
    for each in changed:
        code = each.matter.basic_code
        kind, parts = (
            ("created", []) if not each.before else ("revised", differences(_content(standing, code) or each.content, each.content)[:most])
        )
        because = sorted(set(each.matter.form) & set(changed_fields)) if kind == "revised" else []
        found.append(
            api.ImportChange.model_validate(
                {"basic_code": code, "name": each.matter.name, "kind": kind, "parts": parts, "because": because}
            )
        )
    unchanged = len(set(given) - {each.matter.basic_code for each in changed})
    return api.ImportFindings(created=created, revised=revised, unchanged=unchanged, dry_run=False, changes=found)
