"""A relying party that says whatever a test wants it to say, right or wrong. Source: OpenID Connect Core, FAPI 2.0."""

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from chassis.http.authorities import authorities
from tests.conformance.browser import Browser, Page

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
Key = ECKey | RSAKey


@dataclass(frozen=True, slots=True)
class User:
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for a code as it was made, to compare the answer with."""

    said: dict[str, str]
    verifier: str


@dataclass
class Party:
    """One registered client. `auth` is client_secret_basic, client_secret_post, private_key_jwt or none."""

    issuer: str
    client_id: str
    redirect_uri: str
    auth: str
    secret: str = ""
    key: Key | None = None
    dpop: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))

    def __post_init__(self) -> None:
        self.http = httpx.Client(trust_env=False, verify=authorities(), timeout=30, follow_redirects=False)
        self.metadata: dict[str, Any] = self.http.get(f"{self.issuer}/.well-known/openid-configuration").json()

    # Requests for a code

    def asks(self, *, pkce: bool = True, **more: str | None) -> Asked:
        """Parameters of a request; a parameter that is None is left out."""
        verifier = secrets.token_urlsafe(48)
        said: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid",
            "state": secrets.token_urlsafe(16),
            "nonce": secrets.token_urlsafe(16),
            **({"code_challenge": challenge(verifier), "code_challenge_method": "S256"} if pkce else {}),
            **more,
        }
        return Asked({name: value for name, value in said.items() if value is not None}, verifier)

    def address(self, said: dict[str, str]) -> str:
        return f"{self.metadata['authorization_endpoint']}?{urlencode(said)}"

    def push(self, said: dict[str, str], *, proof: bool | str = False, **more: Any) -> httpx.Response:
        """POST to the endpoint for pushed requests. `proof` adds a DPoP proof, or is one."""
        headers = self._proof(proof, self.metadata["pushed_authorization_request_endpoint"])
        return self.authenticated(self.metadata["pushed_authorization_request_endpoint"], said, headers=headers, **more)

    # Tokens

    def redeem(self, code: str, asked: Asked, *, proof: bool | str = False, **more: Any) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": asked.said.get("redirect_uri", self.redirect_uri),
            **({"code_verifier": asked.verifier} if "code_challenge" in asked.said or "request_uri" in asked.said else {}),
        }
        return self.token({**form, **more.pop("form", {})}, proof=proof, **more)

    def token(self, form: dict[str, str], *, proof: bool | str = False, **more: Any) -> httpx.Response:
        endpoint = self.metadata["token_endpoint"]
        return self.authenticated(endpoint, form, headers=self._proof(proof, endpoint), **more)

    def authenticated(
        self, endpoint: str, form: dict[str, str], *, headers: dict[str, str] | None = None, assertion: str | None = None, **claims: Any
    ) -> httpx.Response:
        """A POST as this client. `assertion` takes the place of its own, "" leaves it out; `claims` change its own."""
        headers, form = dict(headers or {}), dict(form)
        if self.auth == "client_secret_basic":
            headers["authorization"] = "Basic " + base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
        elif self.auth == "client_secret_post":
            form |= {"client_id": self.client_id, "client_secret": self.secret}
        elif self.auth == "none":
            form.setdefault("client_id", self.client_id)
        elif assertion != "":
            form |= {"client_assertion_type": ASSERTION, "client_assertion": assertion or self.assertion(**claims)}
        return self.http.post(endpoint, data={name: value for name, value in form.items() if value is not None}, headers=headers)

    def assertion(self, *, alg: str | None = None, key: Key | None = None, **more: Any) -> str:
        now = int(time.time())
        said = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.issuer,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "exp": now + 60,
        }
        claims = {name: value for name, value in {**said, **more}.items() if value is not None}
        key = key or self.key
        assert key is not None
        alg = alg or ("ES256" if isinstance(key, ECKey) else "PS256")
        return jwt.encode({"alg": alg, "kid": self._kid()}, claims, key, algorithms=[alg])

    def userinfo(
        self, token: str, *, scheme: str = "Bearer", proof: str = "", method: str = "GET", form: dict[str, str] | None = None
    ) -> httpx.Response:
        headers = {"authorization": f"{scheme} {token}"} if scheme else {}
        if proof:
            headers["dpop"] = proof
        return self.http.request(method, self.metadata["userinfo_endpoint"], headers=headers, data=form)

    def id_token(self, token: str) -> dict[str, Any]:
        """The claims of an ID token, verified with the published keys."""
        keys = KeySet.import_key_set(self.http.get(self.metadata["jwks_uri"]).json())
        decoded = jwt.decode(token, keys, algorithms=["ES256", "RS256"])
        return dict(decoded.claims)

    # Proofs of possession, RFC 9449

    def proof(
        self, url: str, method: str = "POST", *, token: str = "", key: Key | None = None, header: dict[str, Any] | None = None, **more: Any
    ) -> str:
        key = key or self.dpop
        alg = "ES256" if isinstance(key, ECKey) else "PS256"
        said = {"jti": secrets.token_urlsafe(16), "htm": method, "htu": url, "iat": int(time.time())}
        if token:
            said["ath"] = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
        claims = {name: value for name, value in {**said, **more}.items() if value is not None}
        heads = {"typ": "dpop+jwt", "alg": alg, "jwk": key.as_dict(private=False), **(header or {})}
        return jwt.encode({name: value for name, value in heads.items() if value is not None}, claims, key, algorithms=[heads["alg"]])

    def thumbprint(self) -> str:
        return self.dpop.thumbprint()

    def _proof(self, wanted: bool | str, url: str) -> dict[str, str]:
        if not wanted:
            return {}
        return {"dpop": wanted if isinstance(wanted, str) else self.proof(url)}

    def _kid(self) -> str:
        assert self.key is not None
        return self.key.thumbprint()


def challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def sign_on(browser: Browser, page: Page, user: User) -> Page:
    """From the page of the sign-on to what comes after it; consent is given when it is asked for."""
    if is_sign_on(page):
        page = browser.press(page, "submit", username=user.username, password=user.password)
    return browser.press(page, "accept") if "accept" in page.ids else page


def is_sign_on(page: Page) -> bool:
    return page.status == 200 and {"password", "submit"} <= page.ids


def is_error_page(page: Page) -> bool:
    """A page of the provider's own that says what is wrong, in the place of a redirect."""
    return page.status == 400 and "description" in page.ids


def unsigned(claims: dict[str, Any]) -> str:
    """A request object that nobody signed."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({"alg": "none"}, claims)]
    return ".".join(parts) + "."
