"""What of an answer is shown to whom, by its grade and the caller's role. Source: ADR-0031."""

import functools
import json
from typing import Any, Final, NoReturn

from gateway.snapshot import MaskingRule
from gateway.unified.protection.masks import masked
from gateway.walk import Walk

_PERSONAL: Final = 3
_ALL: Final = "*"
_FOR_SUBJECTS: Final = frozenset({"person", "subject"})

_Fields = dict[str, Any]
"""Name → the form of a field, or the fields of the objects in it."""


class NotMaskable(ValueError):
    """The body is not what could be masked, so nothing of it may be shown."""


class Mask:
    """Masks the fields at `paths` (`applicant/name:name`, arrays left out, `*` for any name) unless their form is `clear`."""

    def __init__(self, paths: tuple[str, ...], clear: frozenset[str]) -> None:
        self._fields: _Fields = {}
        for path, _, form in (each.partition(":") for each in paths):
            if form not in clear:
                *above, last = path.split("/")
                node = self._fields
                for name in above:
                    node = node.setdefault(name, {})
                node[last] = form

    @property
    def is_empty(self) -> bool:
        return not self._fields

    def apply(self, body: bytes) -> bytes:
        """The JSON answer as it may be shown. Raises NotMaskable when it cannot be read as JSON; nothing of it may leave then."""
        if not body:
            return body
        try:
            said = json.loads(body.decode(), parse_constant=_refuse)
            return json.dumps(_shown(said, self._fields), ensure_ascii=False, separators=(",", ":")).encode()
        except (ValueError, RecursionError) as error:
            raise NotMaskable("the answer is not JSON") from error


def mask_for(walk: Walk) -> Mask | None:
    """None where nothing is personal, and for who sees all of it: the first rule that fits says what is clear, none: nothing."""
    resource = walk.found.resource
    if resource is None or resource.grade < _PERSONAL or not resource.personal:
        return None
    rule = next((rule for rule in walk.snapshot.masking if _fits(rule, walk)), None)
    if rule is None:
        return _mask(resource.personal, frozenset())
    if _ALL in rule.clear:
        return None
    mask = _mask(resource.personal, rule.clear)
    return None if mask.is_empty else mask


@functools.lru_cache(maxsize=4096)
def _mask(paths: tuple[str, ...], clear: frozenset[str]) -> Mask:
    return Mask(paths, clear)


def _fits(rule: MaskingRule, walk: Walk) -> bool:
    resource = walk.found.resource
    assert resource is not None
    is_own = resource.audience in _FOR_SUBJECTS and (walk.person is not None or walk.organisation is not None)
    duties = walk.party.duties.get(walk.officer, frozenset()) if walk.party is not None and walk.officer is not None else frozenset()
    return (
        (not rule.kinds or walk.kind in rule.kinds)
        and (not rule.channels or walk.channel in rule.channels)
        and (not rule.permissions or resource.permission in rule.permissions)
        and (not rule.duties or not rule.duties.isdisjoint(duties))
        and rule.is_own in (None, is_own)
        and rule.has_officer in (None, walk.officer is not None)
        and resource.grade <= rule.grade
    )


def _shown(said: Any, fields: _Fields) -> Any:
    if isinstance(said, list):
        return [_shown(each, fields) for each in said]
    if not isinstance(said, dict):
        return said
    return {name: _field(value, fields.get(name, fields.get(_ALL))) for name, value in said.items()}


def _field(value: Any, field: str | _Fields | None) -> Any:
    if field is None:
        return value
    return masked(field, value) if isinstance(field, str) else _shown(value, field)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
