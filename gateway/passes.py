"""The mesh tokens that granted requests go on with: who is calling, said to one service. Never the caller's own credentials."""

from typing import Final

from chassis.http.mesh_token import CallerFacts, MeshSigner
from contracts.values import SessionId
from gateway.walk import Walk

_KEPT: Final = 32


class Passes:
    """One for each access token and what is granted on it, kept with that token: it goes when the token does."""

    def __init__(self, signer: MeshSigner) -> None:
        self._signer = signer

    def of(self, walk: Walk, service: str) -> tuple[bytes, float]:
        """The token, and until when it may be handed out again."""
        token = walk.token
        if token is None:
            minted, until = self._signer.minted(_facts(walk), service)
            return minted.encode(), until
        key = (service, walk.permissions, walk.officer, walk.scene, walk.purpose, walk.channel)
        known = token.passes.get(key)
        if known is None or known[0] is not walk.party or known[2] <= walk.now:
            minted, until = self._signer.minted(_facts(walk), service)
            if len(token.passes) >= _KEPT:
                token.passes.clear()
            known = token.passes[key] = (walk.party, minted.encode(), until)
        _, passed, until = known
        return passed, until


def _facts(walk: Walk) -> CallerFacts:
    party = walk.party
    return CallerFacts(
        issuer="gateway",
        party=party.id if party else None,
        party_kind=walk.kind,
        party_name=party.name if party else "",
        agency=party.agency if party else None,
        division=party.division if party else None,
        person=walk.person,
        officer=walk.officer,
        assurance=walk.assurance,
        auth_time=walk.auth_time,
        scene=walk.scene,
        purpose=walk.purpose,
        permissions=walk.permissions,
        organisation=walk.organisation,
        actor=walk.actor,
        mandate=walk.mandate,
        mandate_matters=walk.token.mandate_matters if walk.token else (),
        session=SessionId.read(walk.token.session) if walk.token else None,
        channel=walk.channel,
    )
