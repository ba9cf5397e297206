"""How a client proves itself at an endpoint, and which key it holds. Source: RFC 6749 section 2.3, RFC 7523, RFC 9449."""

import base64
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote_plus

from fastapi import Request

from chassis.http import dpop
from chassis.http.dpop import ProofNotValid
from services.identity.commands import clients
from services.identity.domain.clients import Client
from services.identity.domain.sign_on import ProtocolError
from services.identity.routes.dependencies import Endpoint
from services.identity.tokens import assertions

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_METHODS: Final = {"client_assertion": "private_key_jwt", "client_secret": "client_secret_post"}


async def authenticated(endpoint: Endpoint, request: Request, form: Mapping[str, str]) -> Client:
    """The client, proven in the one way that it is registered with. Raises ProtocolError."""
    basic = request.headers.get("authorization")
    methods = [method for name, method in _METHODS.items() if name in form] + (["client_secret_basic"] if basic else [])
    if len(methods) > 1:
        raise ProtocolError("invalid_request", "the client proves itself in two ways")
    method = methods[0] if methods else "none"
    if method == "private_key_jwt":
        return await _by_assertion(endpoint, form)
    client_id, secret = of_basic(basic) if basic else (form.get("client_id", ""), form.get("client_secret", ""))
    if form.get("client_id", client_id) != client_id:
        raise ProtocolError("invalid_client", "client_id is another client", 401)
    client = await endpoint.clients.get(client_id)
    if client is None or client.settings.auth_method != method:
        raise ProtocolError("invalid_client", "no such client, or one that proves itself otherwise", 401)
    if method != "none" and not client.has_secret(secret, endpoint.clock.now()):
        raise ProtocolError("invalid_client", "wrong secret", 401)
    return client


async def _by_assertion(endpoint: Endpoint, form: Mapping[str, str]) -> Client:
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise ProtocolError("invalid_client", "client_assertion_type", 401)
    assertion = form["client_assertion"]
    claimed = assertions.unverified_client(assertion)
    client = await endpoint.clients.get(claimed)
    if client is None or client.settings.auth_method != "private_key_jwt" or form.get("client_id", claimed) != claimed:
        raise ProtocolError("invalid_client", "no such client, or one that proves itself otherwise", 401)
    async with endpoint.database.transaction() as session:
        await clients.prove(session, client, assertion, issuer=endpoint.issuer, at=endpoint.clock.now())
    return client


def of_basic(header: str) -> tuple[str, str]:
    """Id and secret, which are form-encoded inside. Source: RFC 6749 section 2.3.1. Raises ProtocolError."""
    scheme, _, credentials = header.partition(" ")
    try:
        client_id, colon, secret = base64.b64decode(credentials.strip(), validate=True).decode().partition(":")
    except ValueError:
        scheme, client_id, colon, secret = "", "", "", ""
    if scheme.lower() != "basic" or not colon:
        raise ProtocolError("invalid_client", "not Basic credentials", 401)
    return unquote_plus(client_id), unquote_plus(secret)


async def proven_key(endpoint: Endpoint, request: Request, path: str, *, access_token: str | None = None) -> str | None:
    """The thumbprint of the key that the request proves, None where it brings no proof. Raises ProtocolError invalid_dpop_proof."""
    proofs = request.headers.getlist("dpop")
    if not proofs:
        return None
    if len(proofs) > 1:
        raise ProtocolError("invalid_dpop_proof", "one proof is needed")
    url, now = endpoint.issuer + path, endpoint.clock.now().timestamp()
    try:
        proof = dpop.read(proofs[0], method=request.method, url=url, now=now, access_token=access_token)
    except ProofNotValid as reason:
        raise ProtocolError("invalid_dpop_proof", str(reason)) from None
    async with endpoint.database.transaction() as session:
        is_first = await clients.use_proof(session, proof)
    if not is_first:
        raise ProtocolError("invalid_dpop_proof", "the proof was used before")
    return proof.thumbprint
