"""Sign-ons, what clients are granted in them, and for how long they speak for whom."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from chassis.errors import ServiceError
from contracts.values import Assurance, GrantId, PersonId, SessionId, StaffId
from services.identity.domain.claims import requested

ACR: Final = "urn:tongban:assurance:"
ACR_VALUES: Final = {f"{ACR}{level.value}": level.value for level in Assurance}
AUTHORIZATION_CODE_LIFE: Final = timedelta(seconds=60)
ACCESS_TOKEN_LIFE: Final = timedelta(minutes=15)
FRESH: Final = timedelta(hours=12)
"""How long a proof speaks for its full assurance, and how long a sign-on lasts without a login-free period."""
LOGIN_FREE_DAYS: Final = (1, 10, 30)
"""免登录时长 that a person may choose. Source: facts of 统一身份认证 6.4."""
LOGIN_FREE_ASSURANCE: Final = Assurance.REAL_NAME
"""What a sign-on is worth at most in its login-free period: only a new proof lifts it above."""


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-on of a person, or of an officer, on one device. Its cookie is known to the browser only.

    `methods` are those of the proofs so far (RFC 8176), `assurance` what they were worth at `proven_at`; it holds until
    `fresh_until`. `expires_at` is the end of the login-free period, or `fresh_until` where none was chosen.
    """

    id: SessionId
    person_id: PersonId | None
    signed_on_at: datetime
    proven_at: datetime
    fresh_until: datetime
    expires_at: datetime
    methods: tuple[str, ...]
    assurance: Assurance
    staff_id: StaffId | None = None
    device: str = ""
    last_seen_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def account(self) -> PersonId | StaffId:
        account = self.person_id or self.staff_id
        assert account is not None
        return account

    def is_live(self, at: datetime) -> bool:
        return self.revoked_at is None and at < self.expires_at

    def level(self, at: datetime) -> Assurance:
        return self.assurance if at < self.fresh_until else min(self.assurance, LOGIN_FREE_ASSURANCE)

    def proven(self, method: str, assurance: Assurance, *, at: datetime) -> "Session":
        """A new proof on the same device: the sign-on is fresh again, and worth at least that much."""
        methods = self.methods if method in self.methods else (*self.methods, method)
        fresh_until = at + FRESH
        return replace(
            self,
            methods=methods,
            assurance=max(self.level(at), assurance),
            proven_at=at,
            fresh_until=fresh_until,
            expires_at=max(self.expires_at, fresh_until),
        )


@dataclass(frozen=True, slots=True)
class Grant:
    """What a client was granted in a session.

    `jkt` is the thumbprint of the key that a public client must prove to refresh (RFC 9449), if any. `userinfo` and
    `id_token` are claims asked for by name beside those of the scope.
    """

    id: GrantId
    session_id: SessionId
    client_id: str
    scope: str
    created_at: datetime
    jkt: str | None = None
    revoked_at: datetime | None = None
    userinfo: frozenset[str] = frozenset()
    id_token: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A request for a code while its person signs on. `said` are its parameters as the client sent them.

    `subject` is whom the client expects (`id_token_hint`). `pushed` finds the pushed request that it came from, which is
    used up together with it; `jkt` is the key that was proven when it was pushed.
    """

    client_id: str
    said: Mapping[str, Any]
    created_at: datetime
    subject: str | None = None
    pushed: bytes | None = None
    jkt: str | None = None

    def is_met_by(self, session: Session, at: datetime) -> bool:
        """Whether a sign-on is as sure and as young as the request asks (`acr_values`, `max_age`, `prompt`), and the right person's.

        Source: OpenID Connect Core 3.1.2.1, RFC 9470.
        """
        if not session.is_live(at) or session.level(at) < self.required_assurance:
            return False
        if self.subject is not None and session.account != self.subject:
            return False
        if session.proven_at >= self.created_at:
            return True
        max_age = self.said.get("max_age", "")
        is_young = not max_age.isdecimal() or (at - session.proven_at).total_seconds() <= int(max_age[:9])
        return is_young and not self.prompts & {"login", "select_account"}

    @property
    def prompts(self) -> frozenset[str]:
        return frozenset(self.said.get("prompt", "").split())

    @property
    def required_assurance(self) -> int:
        """The lowest of the levels that the request would take; 0 when it names none of ours."""
        essential = requested(self.said.get("claims", "")).acr or ()
        asked = [ACR_VALUES[each] for each in (*essential, *self.said.get("acr_values", "").split()) if each in ACR_VALUES]
        return min(asked, default=0)


class ProtocolError(ServiceError):
    """A refusal in the words of OAuth. Source: RFC 6749 sections 4.1.2.1 and 5.2."""

    def __init__(self, error: str, description: str = "", status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.status = status
