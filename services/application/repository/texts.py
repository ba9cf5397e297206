"""Of what applicants are told, and in which words."""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from services.application.domain.lifecycle import Act
from services.application.domain.telling import Reminder, words_of

_FILE: Final = Path(__file__).parents[1] / "seed" / "notification_texts.json"


def is_told(act: Act) -> bool:
    return act.value in _texts()


def text(event: Act | Reminder, matter: str, due_on: date | None, about: str | None = None) -> str:
    """In both languages. Nothing in it says whose case it is."""
    said = _texts()[event.value]
    zh, en, occasion = words_of(about)
    values = {"matter": matter, "due": due_on.isoformat() if due_on else "-", "occasion": occasion}
    return f"【通办】{said['zh'].format(**values, about=zh)} {said['en'].format(**values, about=en)}"


@cache
def _texts() -> dict[str, dict[str, str]]:
    texts: dict[str, dict[str, str]] = json.loads(_FILE.read_text())
    return texts
