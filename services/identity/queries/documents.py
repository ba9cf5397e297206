import json
from functools import cache
from pathlib import Path
from typing import Final

from contracts.api.identity import persons as api
from contracts.strict import Page
from contracts.values import DocumentType

_TYPES: Final = Path(__file__).parents[1] / "seed" / "document_types.json"


@cache
def types() -> Page[api.DocumentTypeText]:
    """What each type is called, and what others call it, from the committed table."""
    return Page(items=[api.DocumentTypeText.model_validate_json(json.dumps(each)) for each in json.loads(_TYPES.read_text())["types"]])


def title_of(kind: DocumentType) -> str:
    """What people call it, in both languages."""
    return next(f"{each.zh} {each.en}" for each in types().items if each.type == kind)
