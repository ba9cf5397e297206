"""The statement by which a registered system brings its next key, without anybody of the operator."""

import json
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey


def statement(party_id: str, current_pem: bytes, next_pem: bytes, *, now: int, not_after: int | None = None) -> str:
    """What `POST /parties/own/keys` takes: signed with a current key over the next one, which proves itself within.

    `now` and `not_after` are seconds since the epoch; both keys are private keys on P-256 in PEM.
    """
    new = ECKey.import_key(next_pem)
    public = {**new.as_dict(private=False), "kid": new.thumbprint()}
    said: dict[str, Any] = {"iss": party_id, "iat": now}
    proof = _signed(new, "party-key-proof+jwt", said)
    ends = {} if not_after is None else {"not_after": not_after}
    return _signed(ECKey.import_key(current_pem), "party-key+jwt", {**said, "jwk": public, "proof": proof, **ends})


def _signed(key: ECKey, kind: str, said: dict[str, Any]) -> str:
    return jws.serialize_compact({"alg": "ES256", "typ": kind}, json.dumps(said).encode(), key)
