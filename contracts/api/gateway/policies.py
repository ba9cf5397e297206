"""授权管理: the policies in versions."""

from typing import Annotated

from pydantic import AfterValidator, Field

from contracts.strict import Answer, Instant, Line, Model, clean_text
from contracts.values import OfficerId

FileName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,59}\.(cedar|cedarschema|json)$")]
FileText = Annotated[str, AfterValidator(clean_text), Field(strict=True, max_length=200_000)]


class ProposePolicies(Model):
    """A whole text: every file of the version, by name. `…cases.json` are its tests, `…entities.json` what it names itself."""

    files: Annotated[dict[FileName, FileText], Field(min_length=1, max_length=100)]
    note: Line


class PolicyVersion(Answer):
    """`state` is proposed, in-force, replaced or withdrawn. The text of the release has no proposer."""

    version: int
    digest: str
    state: str
    based_on: int | None = None
    note: str
    proposed_by: OfficerId | None = None
    proposed_at: Instant
    approved_by: OfficerId | None = None
    loaded_at: Instant | None = None


class PolicySentence(Answer):
    """One policy as it is read out, and where it stands in the text."""

    id: str
    effect: str
    zh: str
    en: str
    refuses: str = ""
    file: str
    line: int


class PolicyText(PolicyVersion):
    files: dict[str, str]
    sentences: list[PolicySentence]


class PreviewPolicies(Model):
    """Over how many of the newest recorded decisions."""

    last: Annotated[int, Field(ge=1, le=5000)] = 1000


class ChangedDecision(Answer):
    """A recorded decision that would be another. Whose it was stays with those who may read decisions."""

    request_id: str
    route: str
    recorded: str
    would_be: str


class PolicyPreview(Answer):
    """`decisions` is how many were decided again; of those that would change, the first hundred are named."""

    decisions: int
    changed: int
    changes: list[ChangedDecision]
