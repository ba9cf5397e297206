"""接入管理: which registered party is calling, in which environment, and from where."""

from urllib.parse import unquote

from chassis.http import dpop, signatures
from chassis.http.dpop import ProofNotValid
from chassis.http.signatures import NotSigned, Signed
from contracts.headers import PURPOSE
from contracts.problems import ProblemType, common
from contracts.problems import gateway as problems
from contracts.values import PartyId
from gateway.decision import NOT_APPLICABLE, Deny
from gateway.snapshot import Key, Party
from gateway.tokens import Tokens
from gateway.unified.edges import address_of, is_within
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
    party = walk.snapshot.parties.get(token.party) if token.party else None
    if party is not None and party.is_active and token.issued < int(party.production_at):
        return _refuse(problems.TOKEN_NOT_VALID, "token-of-the-sandbox", "the token was given before production opened", "invalid_token")
    return _admit(walk, party, "production" if party is not None and party.is_active else "sandbox")


def _check_holder(walk: Walk, issuer: str, token: AccessToken, scheme: str, credentials: str) -> Deny | None:
    """A token that is bound to a key is good only in the hands of who proves that key, for this very request. Source: RFC 9449, RFC 8705."""
    given = walk.incoming.header("dpop")
    if token.certificate and token.certificate != walk.incoming.certificate:
        return _refuse(problems.TOKEN_NOT_VALID, "bound-token", "the token is bound to a certificate", "invalid_token")
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


def is_signed_by_known(walk: Walk) -> bool:
    """Whether a key of a party has signed the head of this request and, in it, the digest of a body that has not come yet."""
    incoming = walk.incoming
    message = signatures.Message(incoming.method, incoming.header("host") or "", incoming.path, incoming.query, incoming.combined(), b"")
    try:
        stated = signatures.parse(message)
        signed = stated.of(message)
        party_id, _, key_id = signed.key_id.partition("#")
        party = _party(walk, party_id)
        if party is None or "content-digest" not in stated.covered:
            return False
        _verify(signed, party, key_id, walk.now)
    except NotSigned:
        return False
    return True


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
        key = _verify(signed, party, key_id, walk.now)
    except NotSigned as reason:
        return _refuse(problems.SIGNATURE_NOT_VALID, "signature", str(reason))
    walk.signed = signed
    return _admit(walk, party, key.environment)


def _verify(signed: Signed, party: Party, key_id: str, now: float) -> Key:
    """The key that it is signed with: the one it names, or any of the party's. Raises NotSigned."""
    named = [party.keys[key_id]] if key_id in party.keys else []
    keys = [key for key in (named if key_id else party.keys.values()) if key.holds(now)]
    if not keys:
        raise NotSigned("the party has no such key, or none that holds now")
    for key in keys[:-1]:
        try:
            signed.verify(key.public)
        except NotSigned:
            continue
        return key
    signed.verify(keys[-1].public)
    return keys[-1]


def _party(walk: Walk, party_id: str) -> Party | None:
    known = PartyId.read(party_id)
    return walk.snapshot.parties.get(known) if known else None


def _admit(walk: Walk, party: Party | None, environment: str) -> Deny | None:
    if party is None:
        return _refuse(problems.UNREGISTERED_PARTY, "unknown-party", "no party is registered under this id")
    # Also of a party that is refused: the record says whom the door knew.
    walk.party, walk.kind, walk.environment = party, party.kind, environment
    if party.has_expired(walk.now):
        return Deny(problems.PARTY_EXPIRED, "party-expiry")
    if not party.admits(environment):
        return Deny(problems.PARTY_NOT_ACTIVE, "party-status", f"the party is {party.status}, this was a call to {environment}")
    if party.networks and not is_within(address_of(walk.incoming.client), party.networks):
        return Deny(problems.ADDRESS_NOT_REGISTERED, "address")
    if party.certificates and (refusal := _check_certificate(walk, party, environment)) is not None:
        return refusal
    return _name_purpose(walk, party) if party.purposes else None


def _check_certificate(walk: Walk, party: Party, environment: str) -> Deny | None:
    """Once a party has registered certificates its key or token alone is not enough. Source: RFC 8705."""
    if all(each.environment != environment for each in party.certificates.values()):
        return None
    shown = party.certificates.get(walk.incoming.certificate)
    if shown is not None and shown.environment == environment and shown.holds(walk.now):
        return None
    return _refuse(problems.CERTIFICATE_REQUIRED, "client-certificate", "no registered certificate came with the connection")


def _name_purpose(walk: Walk, party: Party) -> Deny | None:
    """A party that is bound by purposes says which one a call is for; otherwise leaving it out would be a way around its quota."""
    purpose = unquote(walk.incoming.header(PURPOSE) or "")
    if purpose not in party.purposes:
        return Deny(problems.PURPOSE_NOT_REGISTERED, "purpose")
    walk.purpose = purpose
    return None


def refuse_holder(rule: str, detail: str, error: str) -> Deny:
    """Whoever presents a bound token has not shown that it holds its key."""
    challenge = f'DPoP realm="tongban", error="{error}", algs="{" ".join(dpop.ALGORITHMS)}"'
    return Deny(problems.TOKEN_NOT_VALID, rule, detail, (("www-authenticate", challenge),))


def _refuse(problem: ProblemType, rule: str, detail: str = "", error: str = "") -> Deny:
    challenge = f'Bearer realm="tongban", error="{error}"' if error else 'Bearer realm="tongban"'
    return Deny(problem, rule, detail, (("www-authenticate", challenge),))
