"""Requests by the thousand, drawn from a seed: parties by users by levels by resources by channels, and what can be wrong with each."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contracts.values import MandateId, OrganisationId, PersonId


@dataclass(frozen=True)
class Token:
    """What an access token says. `fault` is what is wrong with it: expired, revoked, forged, unknown-key, wrong-type."""

    client: str
    subject: str
    subject_type: str
    assurance: int = 0
    age_s: int = 0
    actor: str | None = None
    mandate: str | None = None
    officer: str = ""
    agency: str = ""
    fault: str = ""

    @property
    def is_good(self) -> bool:
        return not self.fault


@dataclass(frozen=True)
class Signature:
    """`is_good` unless it is by another key than the one it names."""

    party: str
    kid: str
    nonce: str
    is_good: bool = True


@dataclass(frozen=True)
class Asked:
    """One request. `fault` is the code of the problem that its very form meets, "" for a decent one."""

    method: str
    path: str
    client: str
    token: Token | None = None
    signature: Signature | None = None
    officer: str | None = None
    channel: str | None = None
    purpose: str | None = None
    fault: str = ""


_PURPOSES = (None, "statistics", "便民查询", "便民查询", "elsewhere")
_AGES = (0, 60, 301, 3_601, 90_000)
_CHANNELS = (None, None, None, None, "portal", "app", "kiosk", "window", "hotline", "miniprogram", "nowhere")
_ADDRESSES = ("192.0.2.7", "198.51.100.20", "2001:db8::1")
_TOKEN_FAULTS = ("expired", "revoked", "forged", "unknown-key", "wrong-type")


class Corpus:
    """`len` requests over the rows of a registry; the same seed gives the same requests, but for random ids."""

    def __init__(self, rows: dict[str, list[dict[str, Any]]], seed: int, count: int) -> None:
        self._rows = rows
        self._any = random.Random(seed)
        self._count = count
        self._people = [PersonId.new() for _ in range(50)]
        self._companies = [OrganisationId.new() for _ in range(10)]
        self._signatures: list[Asked] = []
        self._tokens: list[Asked] = []

    def __iter__(self) -> Iterator[Asked]:
        for number in range(self._count):
            chance = self._any.random()
            if chance < 0.03 and self._signatures:
                yield self._any.choice(self._signatures)
            elif chance < 0.33 and self._tokens:
                yield self._once_more()
            else:
                yield self._one(number)

    def _once_more(self) -> Asked:
        """The same caller with the same token: sometimes the very same call, sometimes from elsewhere or for something else."""
        before = self._any.choice(self._tokens)
        if self._any.random() < 0.3:
            return _with(before, client=self._any.choice(_ADDRESSES))
        if self._any.random() < 0.5:
            other = self._any.choice(self._tokens)
            return _with(before, method=other.method, path=other.path, fault=other.fault)
        return before

    def _one(self, number: int) -> Asked:
        draw = self._any
        row = draw.choice(self._rows["resources"])
        method, path = (
            row["method"],
            "/".join(f"x{draw.randrange(99)}" if part.startswith("{") else part for part in row["path"].split("/")),
        )
        oddity = draw.random()
        if oddity < 0.03:
            method = draw.choice(("GET", "POST", "PUT", "DELETE", "PATCH"))
        elif oddity < 0.06:
            path = draw.choice((f"{path}/nowhere", f"/internal{path}", f"/{draw.randrange(9)}/y", "/"))
        party = draw.choice(self._rows["parties"])
        fault = ""
        if draw.random() < 0.02:
            fault, path = (
                "bad-request-line",
                draw.choice((f"{path}/../x", f"{path}%2f..%2fx", f"/.{path}", f"{path}%00", f"{path}//x%41", f"{path}/")),
            )
        purpose = draw.choice(_PURPOSES) if party["purposes"] else None
        asked = Asked(method, path, draw.choice(_ADDRESSES), channel=draw.choice(_CHANNELS), purpose=purpose, fault=fault)
        return self._credentials(asked, party, row, number)

    def _credentials(self, asked: Asked, party: dict[str, Any], row: dict[str, Any], number: int) -> Asked:
        draw = self._any
        client = party["id"] if draw.random() > 0.02 else PersonId.new()
        if draw.random() < 0.03:
            return asked
        signs = draw.random() < (0.15 if party["kind"] == "app" else 0.75)
        if not signs:
            called = _with(asked, token=self._token(party, client, row))
            self._tokens = [*self._tokens[-300:], called]
            return called
        kid = draw.choice([key["kid"] for key in party["keys"]] + (["unknown"] if draw.random() < 0.05 else []))
        officer = draw.choice([*party["officers"], None, "nobody-1"]) if party["officers"] or draw.random() < 0.1 else None
        signature = Signature(client, kid, f"nonce-{number}", is_good=draw.random() > 0.03)
        signed = _with(asked, signature=signature, officer=officer)
        if kid in {"new", "leaving"} and signature.is_good and asked.channel is None and not asked.fault:
            self._signatures.append(signed)
        return signed

    def _token(self, party: dict[str, Any], client: str, row: dict[str, Any]) -> Token:
        draw = self._any
        fault = draw.choice(_TOKEN_FAULTS) if draw.random() < 0.06 else ""
        wanted = (
            ("person", "organisation")
            if row["audience"] in {"person", "subject"} and draw.random() < 0.8
            else ("client", "person", "staff")
        )
        kind = draw.choice(wanted)
        said: dict[str, Any] = {"assurance": draw.randrange(1, 5), "age_s": draw.choice(_AGES)}
        if kind == "person":
            said["subject"] = draw.choice(self._people)
            if draw.random() < 0.2:
                said |= {"actor": draw.choice(self._people), "mandate": MandateId.new()}
        elif kind == "organisation":
            said |= {"subject": draw.choice(self._companies), "actor": draw.choice(self._people), "mandate": MandateId.new()}
        elif kind == "staff":
            agency = party["agency"] if draw.random() < 0.8 else "11310000TE5T013342"
            said = {"subject": draw.choice(self._people), "officer": f"staff-{draw.randrange(9)}", "agency": agency or ""}
        else:
            said = {"subject": client}
        return Token(client, subject_type=kind, fault=fault, **said)


def _with(asked: Asked, **more: Any) -> Asked:
    return Asked(**{**{name: getattr(asked, name) for name in asked.__dataclass_fields__}, **more})
