"""The rules said once more, as plainly as they can be: what each request of the corpus should meet.

Nothing of the gateway is used here. The oracle reads the registry's rows, not what the gateway makes of them, and the
matrix of `granted.json` instead of the policies' text, so that a mistake has to be made twice to go unnoticed.
"""

import ipaddress
import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.rules.corpus import Asked

_GRANTED: dict[str, list[str]] = json.loads((Path(__file__).parent / "granted.json").read_text())
"""Kind of party, or duty of an operator's officer → the permissions of one."""

_ADMITS = {"testing": {"sandbox"}, "active": {"sandbox", "production"}}
_WITH_OFFICERS = {"operator", "district", "department"}


@dataclass(frozen=True)
class Verdict:
    """`room` and `code` of the first refusal, both empty for what is granted; then who is told to the service behind."""

    room: str = ""
    code: str = ""
    party: str | None = None
    person: str | None = None
    organisation: str | None = None
    actor: str | None = None
    officer: str | None = None
    channel: str = ""
    environment: str = ""


class Oracle:
    """Judges the requests of one corpus in their order: quotas and what passes once are counted."""

    def __init__(self, rows: dict[str, list[dict[str, Any]]], now: float) -> None:
        self._parties = {row["id"]: row for row in rows["parties"]}
        self._resources = rows["resources"]
        self._channels = {row["code"]: row for row in rows["channels"]}
        self._now = now
        self._used: Counter[tuple[str, str, str]] = Counter()
        self._nonces: set[str] = set()

    def judge(self, asked: Asked) -> Verdict:  # noqa: C901, PLR0911, PLR0912 (the rules one after another, as they are read out)
        if asked.fault:
            return Verdict("protection", asked.fault)
        resource, other_audiences, is_path_known = self._resource(asked)
        is_public = (resource["audience"] if resource else other_audiences) in {"open", "protocol"}
        party, environment = None, "production"
        if not is_public:
            found = self._party(asked)
            if isinstance(found, str):
                return Verdict("access", found)
            party, environment = found
            refused = self._refused_access(party, environment, asked)
            if refused:
                return Verdict("access", refused)
            used_up = self._draw(party, environment, asked)
            if used_up:
                return Verdict("protection", used_up)
        who = self._who(party, asked, resource)
        if isinstance(who, str):
            return Verdict("users", who)
        if resource is None:
            return Verdict("resources", "resource-method" if is_path_known else "resource-not-registered")
        if resource["state"] == "retired":
            return Verdict("resources", "resource-not-active")
        if resource["sunset_at"] is not None and resource["sunset_at"] <= self._now:
            return Verdict("resources", "resource-sunset")
        refused = self._refused_authorisation(party, who, resource)
        if refused:
            return Verdict("authorisation", refused)
        channel = self._channel(party, asked)
        if channel is None:
            return Verdict("portal", "channel-not-registered")
        if not channel["is_open"]:
            return Verdict("portal", "channel-closed")
        if not self._lets_through(channel, party, who, resource):
            return Verdict("portal", "channel-not-allowed")
        if asked.signature is not None and not is_public:
            if asked.signature.nonce in self._nonces:
                return Verdict("protection", "replayed-request")
            self._nonces.add(asked.signature.nonce)
        return Verdict(
            party=party["id"] if party is not None else None,
            person=who["person"],
            organisation=who["organisation"],
            actor=who["actor"],
            officer=who["officer"],
            channel=channel["code"],
            environment=environment,
        )

    def _resource(self, asked: Asked) -> tuple[dict[str, Any] | None, str, bool]:
        """The one whose path has the fewest parameters among those that match, the audience of its neighbours, and whether any matches."""
        fitting = [row for row in self._resources if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", row["path"]), asked.path)]
        if not fitting:
            return None, "", False
        # Segment by segment, a literal one wins over a parameter.
        plainest = min(fitting, key=lambda row: [segment.startswith("{") for segment in row["path"].split("/")])["path"]
        there = [
            row
            for row in fitting
            if [s.startswith("{") for s in row["path"].split("/")] == [s.startswith("{") for s in plainest.split("/")]
        ]
        for row in there:
            if row["method"] == asked.method:
                return row, "", True
        audiences = {row["audience"] for row in there}
        return None, audiences.pop() if len(audiences) == 1 else "", True

    def _party(self, asked: Asked) -> tuple[dict[str, Any], str] | str:  # noqa: PLR0911
        if asked.signature is not None:
            party = self._parties.get(asked.signature.party)
            if party is None:
                return "unregistered-party"
            keys = [key for key in party["keys"] if key["kid"] == asked.signature.kid and _holds(key, self._now)]
            if not keys or not asked.signature.is_good:
                return "signature-not-valid"
            return party, keys[0]["environment"]
        if asked.token is None:
            return "unregistered-party"
        if not asked.token.is_good:
            return "token-not-valid"
        party = self._parties.get(asked.token.client)
        if party is None:
            return "unregistered-party"
        return party, "production" if party["status"] == "active" else "sandbox"

    def _refused_access(self, party: dict[str, Any], environment: str, asked: Asked) -> str:
        if party["expires_at"] is not None and party["expires_at"] <= self._now:
            return "party-expired"
        if environment not in _ADMITS.get(party["status"], set()):
            return "party-not-active"
        address = ipaddress.ip_address(asked.client)
        if party["networks"] and not any(address in ipaddress.ip_network(each) for each in party["networks"]):
            return "address-not-registered"
        if party["purposes"] and asked.purpose not in party["purposes"]:
            return "purpose-not-registered"
        return ""

    def _draw(self, party: dict[str, Any], environment: str, asked: Asked) -> str:
        """One call off the quota of the day, and off that of its purpose; off neither where one is used up."""
        day, purpose = (party["id"], environment, ""), (party["id"], environment, asked.purpose or "")
        if party["per_day"] is not None and self._used[day] >= party["per_day"]:
            return "day-used-up"
        if party["purposes"] and self._used[purpose] >= party["purposes"][asked.purpose]:
            return "purpose-used-up"
        self._used[day] += 1
        if party["purposes"]:
            self._used[purpose] += 1
        return ""

    def _who(self, party: dict[str, Any] | None, asked: Asked, resource: dict[str, Any] | None) -> dict[str, Any] | str:
        who: dict[str, Any] = {"person": None, "organisation": None, "actor": None, "officer": None, "assurance": 0, "age_s": 0}
        if party is None:
            return who
        token = asked.token if asked.signature is None else None
        if token is not None and token.subject_type in {"person", "organisation"}:
            who[token.subject_type] = token.subject
            who["actor"], who["assurance"], who["age_s"] = token.actor, token.assurance, token.age_s
        audience = resource["audience"] if resource else ""
        if audience in {"person", "subject"} and who["person"] is None and who["organisation"] is None:
            return "person-required"
        if audience == "person" and (who["actor"] is not None or who["person"] is None):
            return "not-by-mandate"
        if token is not None and token.subject_type == "staff":
            if party["kind"] not in _WITH_OFFICERS or token.agency != party["agency"]:
                return "officer-not-registered"
            who["officer"] = token.officer
        elif asked.signature is not None and asked.officer is not None:
            if party["kind"] not in _WITH_OFFICERS or asked.officer not in party["officers"]:
                return "officer-not-registered"
            who["officer"] = asked.officer
        return who

    def _refused_authorisation(self, party: dict[str, Any] | None, who: dict[str, Any], resource: dict[str, Any]) -> str:
        kind = party["kind"] if party else "portal"
        granted = set(_GRANTED.get(kind, ()))
        if party is not None:
            duties = party["duties"].get(who["officer"], [])
            granted |= {permission for duty in duties for permission in _GRANTED[f"{kind}:{duty}"]}
        if resource["permission"] not in granted or (resource["audience"] == "operator" and who["officer"] is None):
            return "permission-not-granted"
        if resource["audience"] in {"person", "subject"} and who["assurance"] < resource["assurance"]:
            return "assurance-too-low"
        if resource["audience"] in {"person", "subject"} and resource["max_age_s"] is not None and who["age_s"] > resource["max_age_s"]:
            return "sign-on-too-old"
        return ""

    def _channel(self, party: dict[str, Any] | None, asked: Asked) -> dict[str, Any] | None:
        if party is None:
            return self._channels["portal"]
        usual = party["channels"][0] if party["channels"] else _usual(self._channels, party["kind"])
        named = asked.channel or usual
        if named != usual and named not in party["channels"]:
            return None
        return self._channels.get(named)

    def _lets_through(self, channel: dict[str, Any], party: dict[str, Any] | None, who: dict[str, Any], resource: dict[str, Any]) -> bool:
        kind = party["kind"] if party else "portal"
        return (
            kind in channel["kinds"]
            and resource["audience"] in channel["audiences"]
            and resource["grade"] <= channel["grade"]
            and (channel["may_write"] or resource["method"] in {"GET", "HEAD"})
            and (resource["audience"] not in {"person", "subject"} or who["assurance"] >= channel["assurance"])
        )


def _holds(key: dict[str, Any], now: float) -> bool:
    return key["not_before"] <= now and (key["not_after"] is None or now < key["not_after"])


def _usual(channels: dict[str, dict[str, Any]], kind: str) -> str:
    return next(code for code, row in channels.items() if kind in row["usual_for"])
