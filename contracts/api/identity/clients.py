"""How registered parties speak the sign-on protocol, as operators set it up."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.strict import Answer, Document, Instant, Line, Model
from contracts.values import PartyId

Address = Annotated[str, Field(pattern=r"^[!-~]{1,500}$")]
Overlap = Annotated[int, Field(strict=True, ge=0, le=90 * 86400)]


class ClientSettings(Model):
    """What is left out is as usual for the profile. `jwks` are public keys beside those of the party's registration."""

    profile: Literal["standard", "confidential", "public", "fapi2"]
    auth_method: Literal["private_key_jwt", "client_secret_basic", "client_secret_post", "none"] | None = None
    id_token_alg: Literal["ES256", "RS256"] | None = None
    grant_types: Annotated[list[Line], Field(max_length=10)] | None = None
    scopes: Annotated[list[Line], Field(max_length=20)] | None = None
    post_logout_redirect_uris: Annotated[list[Address], Field(max_length=20)] = []
    backchannel_logout_uri: Address | None = None
    asks_consent: bool = True
    jwks: Annotated[list[Document], Field(max_length=10)] = []


class Client(Answer):
    """`key_ids` are those of all its public keys, `secrets` how many it may use now."""

    party_id: PartyId
    name: str
    kind: str
    is_active: bool
    profile: str
    auth_method: str
    id_token_alg: str
    grant_types: list[str]
    scopes: list[str]
    redirect_uris: list[str]
    post_logout_redirect_uris: list[str]
    backchannel_logout_uri: str | None = None
    asks_consent: bool
    key_ids: list[str]
    secrets: int


class NewSecret(Model):
    """With `overlap_s` the secrets of before end after that many seconds; without, they stay."""

    overlap_s: Overlap | None = None


class ClientSecret(Answer):
    """It is said this once; what is kept of it cannot be turned back into it."""

    client_id: PartyId
    client_secret: str


class RotateKey(Model):
    alg: Literal["ES256", "RS256"]


class SigningKey(Answer):
    """A key that is published now and signs from `signs_from` on."""

    kid: str
    alg: str
    signs_from: Instant
