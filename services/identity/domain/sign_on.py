"""Sign-ons, what clients are granted in them, and for how long they speak for whom."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from chassis.errors import Invalid, NotFound, ServiceError
from contracts.problems import identity as problems
from contracts.values import Assurance, GrantId, PersonId, SessionId, StaffId
from services.identity.domain.claims import requested

ACR: Final = "urn:tongban:assurance:"
ACR_VALUES: Final = {f"{ACR}{level.value}": level.value for level in Assurance}
STAFF_SCOPE: Final = "staff"
"""Asks for an officer in the place of a person."""
STAFF_CLIENTS: Final = frozenset({"operator", "district", "department"})
"""Kinds of client that may ask for it."""
AUTHORIZATION_CODE_LIFE: Final = timedelta(seconds=60)
ACCESS_TOKEN_LIFE: Final = timedelta(minutes=15)
FRESH: Final = timedelta(hours=12)
"""How long a proof speaks for its full assurance, and how long a sign-on lasts without a login-free period."""
LOGIN_FREE_DAYS: Final = (1, 10, 30)
"""免登录时长 that a person may choose. Source: facts of 统一身份认证 6.4."""
LOGIN_FREE_ASSURANCE: Final = Assurance.REAL_NAME
"""What a sign-on is worth at most in its login-free period: only a new proof lifts it above."""


class NoSuchDevice(NotFound):
    problem = problems.DEVICE_NOT_FOUND


class PasswordIsWrong(Invalid):
    problem = problems.PASSWORD_WRONG


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

    @classmethod
    def opened(
        cls, account: PersonId | StaffId, *methods: str, assurance: Assurance, at: datetime, device: str = "", login_free_days: int = 0
    ) -> "Session":
        """A new sign-on; the days are those of `LOGIN_FREE_DAYS`, any other number is none."""
        fresh_until = at + FRESH
        days = timedelta(days=login_free_days if login_free_days in LOGIN_FREE_DAYS else 0)
        return cls(
            id=SessionId.new(),
            person_id=account if isinstance(account, PersonId) else None,
            staff_id=account if isinstance(account, StaffId) else None,
            signed_on_at=at,
            proven_at=at,
            fresh_until=fresh_until,
            expires_at=max(fresh_until, at + days),
            methods=methods,
            assurance=assurance,
            device=device,
            last_seen_at=at,
        )

    @property
    def account(self) -> PersonId | StaffId:
        account = self.person_id or self.staff_id
        assert account is not None
        return account

    def is_live(self, at: datetime) -> bool:
        return self.revoked_at is None and at < self.expires_at

    def level(self, at: datetime) -> Assurance:
        return self.assurance if at < self.fresh_until else min(self.assurance, LOGIN_FREE_ASSURANCE)

    def proven(self, *methods: str, assurance: Assurance, at: datetime, device: str = "") -> "Session":
        """A new proof on the same device: the sign-on is fresh again, and worth at least that much."""
        fresh_until = at + FRESH
        return replace(
            self,
            methods=tuple(dict.fromkeys((*self.methods, *methods))),
            assurance=max(self.level(at), assurance),
            proven_at=at,
            fresh_until=fresh_until,
            expires_at=max(self.expires_at, fresh_until),
            device=device or self.device,
            last_seen_at=at,
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
        return self.is_for(session) and session.is_live(at) and self.lacks(session, at) is None

    def is_for(self, session: Session) -> bool:
        """Officers and persons are apart, and so are persons: another's sign-on is none for whom the client expects."""
        if self.subject is not None and session.account != self.subject:
            return False
        return self.is_for_staff == (session.staff_id is not None)

    def lacks(self, session: Session, at: datetime) -> Literal["level", "confirmation", "age"] | None:
        """What a live sign-on does not meet, if anything. A proof given since the request is young enough for it."""
        if session.level(at) < self.required_assurance:
            return "level"
        if session.proven_at >= self.created_at:
            return None
        if self.prompts & {"login", "select_account"}:
            return "confirmation"
        max_age = self.said.get("max_age", "")
        is_young = not max_age.isdecimal() or (at - session.proven_at).total_seconds() <= int(max_age[:9])
        return None if is_young else "age"

    @property
    def prompts(self) -> frozenset[str]:
        return frozenset(self.said.get("prompt", "").split())

    @property
    def is_for_staff(self) -> bool:
        return STAFF_SCOPE in self.said.get("scope", "").split()

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
