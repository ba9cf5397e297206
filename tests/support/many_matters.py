"""A catalogue of any size: the seed's matters over and over, each time under codes of their own."""

import copy
from typing import Any

from deploy.local import seed


def document(items: int) -> dict[str, Any]:
    """What an import takes, with so many matters; the sub-item of the basic code, its last three digits, tells them apart."""
    said = seed.document()
    originals = said["matters"]
    said["matters"] = [_under(originals[number % len(originals)], number // len(originals)) for number in range(items)]
    return said


def _under(matter: dict[str, Any], turn: int) -> dict[str, Any]:
    made = copy.deepcopy(matter)
    # The seed's own variants of a matter have the numbers below a hundred.
    sub = f"{int(matter['basic_code'][-3:]) + turn * 100:03}"
    made["basic_code"] = matter["basic_code"][:-3] + sub
    for one in made["implementations"]:
        one["task_code"] = one["task_code"][:-3] + sub
    if turn:
        made["name"] = f"{matter['name']}（{turn}）"
    return made
