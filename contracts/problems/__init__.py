"""Problem types: stable codes with Chinese and English titles. Source: RFC 9457."""

from dataclasses import dataclass
from typing import Any, Final

from contracts.strict import Answer

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One way to be refused; `code` never changes once published."""

    code: str
    status: int
    zh: str
    en: str

    @property
    def uri(self) -> str:
        return f"/problems/{self.code}"


REGISTRY: Final[dict[str, ProblemType]] = {}


def register(problem: ProblemType) -> ProblemType:
    """The same problem, known to the registry. Raises ValueError when another one has its code."""
    known = REGISTRY.setdefault(problem.code, problem)
    if known != problem:
        msg = f"two problem types share the code {problem.code}"
        raise ValueError(msg)
    return problem


class Titles(Answer):
    zh: str
    en: str


class Problem(Answer):
    """The body of every refusal. Extensions of a problem type stand beside these fields."""

    type: str
    title: str
    titles: Titles
    status: int
    code: str
    detail: str | None = None
    request_id: str | None = None


def body(problem: ProblemType, *, language: str = "zh", detail: str = "", request_id: str = "", **extensions: Any) -> dict[str, Any]:
    """The RFC 9457 members of `problem`, its title in `language` ("zh" or "en")."""
    members: dict[str, Any] = {
        "type": problem.uri,
        "title": problem.en if language == "en" else problem.zh,
        "titles": {"zh": problem.zh, "en": problem.en},
        "status": problem.status,
        "code": problem.code,
    }
    if detail:
        members["detail"] = detail
    if request_id:
        members["request_id"] = request_id
    return members | extensions


def preferred_language(accept_language: str) -> str:
    """ "en" when the header's first choice is English, else "zh"."""
    return "en" if accept_language.strip().lower().startswith("en") else "zh"
