"""接入管理: which registered party is calling."""

from cryptography.hazmat.primitives.asymmetric import ec

from chassis.http import dpop, signatures
from chassis.http.dpop import ProofNotValid
from chassis.http.signatures import NotSigned, Signed
from contracts.problems import ProblemType, common
from contracts.problems import gateway as problems
from contracts.values import PartyId
from gateway.decision import NOT_APPLICABLE, Deny
from gateway.snapshot import Party
from gateway.tokens import Tokens
from gateway.walk import AccessToken, Walk

_SCHEMES = frozenset({"bearer", "dpop"})
_WITHOUT_PARTY = frozenset({"open", "protocol"})


def check(walk: Walk, tokens: Tokens) -> Deny | str | None:
    """Finds the party by its signature or by the client of its access token."""
    # A method that a public path does not take is that path's answer to give, whoever asks.
    if (walk.audience or walk.found.audience) in _WITHOUT_PARTY:
        return NOT_APPLICABLE
    if walk.incoming.header("signature-input") is not None:
        return _by_signature(walk)
    return _by_token(walk, tokens)


def _by_token(walk: Walk, tokens: Tokens) -> Deny | None:
    authorization = walk.incoming.header("authorization") or ""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() not in _SCHEMES or not credentials:
        return _refuse(problems.UNREGISTERED_PARTY, "no-credentials", "neither a signature nor an access token")
    if not tokens.has_keys:
        return Deny(common.UNAVAILABLE, "identity-keys", headers=(("retry-after", "1"),))
    token = tokens.verified(credentials.strip(), walk.now)
    if token is None:
        return _refuse(problems.TOKEN_NOT_VALID, "access-token", error="invalid_token")
    if (refusal := _check_holder(walk, tokens.issuer, token, scheme.lower(), credentials.strip())) is not None:
        return refusal
    walk.token = token
    return _admit(walk, walk.snapshot.parties.get(token.party) if token.party else None)


def _check_holder(walk: Walk, issuer: str, token: AccessToken, scheme: str, credentials: str) -> Deny | None:
    """A token that is bound to a key is good only in the hands of who proves that key, for this very request. Source: RFC 9449."""
    given = walk.incoming.header("dpop")
    if not token.key_thumbprint:
        return None if scheme == "bearer" and given is None else _refuse(problems.TOKEN_NOT_VALID, "not-bound", error="invalid_token")
    if scheme != "dpop":
        return refuse_holder("bound-token", "the token is bound to a key", "invalid_token")
    try:
        url = issuer + walk.incoming.path
        proof = dpop.read(given or "", method=walk.incoming.method, url=url, now=walk.now, access_token=credentials)
    except ProofNotValid as reason:
        return refuse_holder("proof", str(reason), "invalid_dpop_proof")
    if proof.thumbprint != token.key_thumbprint:
        return refuse_holder("proof", "the proof is by another key", "invalid_token")
    walk.proof = proof
    return None


def _by_signature(walk: Walk) -> Deny | None:
    incoming = walk.incoming
    message = signatures.Message(
        incoming.method, incoming.header("host") or "", incoming.path, incoming.query, incoming.combined(), incoming.body
    )
    try:
        signed = signatures.read(message, now=int(walk.now))
        party_id, _, key_id = signed.key_id.partition("#")
        party = _party(walk, party_id)
        if party is None:
            return _refuse(problems.UNREGISTERED_PARTY, "unknown-key", "the key belongs to no registered party")
        _verify(signed, party, key_id)
    except NotSigned as reason:
        return _refuse(problems.SIGNATURE_NOT_VALID, "signature", str(reason))
    walk.signed = signed
    return _admit(walk, party)


def _verify(signed: Signed, party: Party, key_id: str) -> None:
    keys: list[ec.EllipticCurvePublicKey] = [party.keys[key_id]] if key_id in party.keys else []
    if not key_id:
        keys = list(party.keys.values())
    for key in keys[:-1]:
        try:
            return signed.verify(key)
        except NotSigned:
            continue
    if not keys:
        raise NotSigned("the party has no such key")
    return signed.verify(keys[-1])


def _party(walk: Walk, party_id: str) -> Party | None:
    known = PartyId.read(party_id)
    return walk.snapshot.parties.get(known) if known else None


def _admit(walk: Walk, party: Party | None) -> Deny | None:
    if party is None:
        return _refuse(problems.UNREGISTERED_PARTY, "unknown-party", "no party is registered under this id")
    if not party.is_active:
        return Deny(problems.PARTY_NOT_ACTIVE, "party-status", f"the party is {party.status}")
    walk.party, walk.kind = party, party.kind
    return None


def refuse_holder(rule: str, detail: str, error: str) -> Deny:
    """Whoever presents a bound token has not shown that it holds its key."""
    challenge = f'DPoP realm="tongban", error="{error}", algs="{" ".join(dpop.ALGORITHMS)}"'
    return Deny(problems.TOKEN_NOT_VALID, rule, detail, (("www-authenticate", challenge),))


def _refuse(problem: ProblemType, rule: str, detail: str = "", error: str = "") -> Deny:
    challenge = f'Bearer realm="tongban", error="{error}"' if error else 'Bearer realm="tongban"'
    return Deny(problem, rule, detail, (("www-authenticate", challenge),))
