"""What a grant type of the token endpoint is asked with, and what it answers.

A grant type is one function in a module of its own; `routes/tokens.py` maps its name to it.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from chassis.clock import Clock
from chassis.database import Database
from chassis.sealing import Sealer
from services.identity.commands.grants import Issuing, Tokens
from services.identity.domain.clients import Client
from services.identity.routes.dependencies import Endpoint
from services.identity.tokens.signer import TokenSigner


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A request for tokens by a client that has proven itself. `form` holds its parameters, each at most once.

    `key` is the thumbprint of the key that the request proves (RFC 9449), if any: access tokens are to be bound to it.
    """

    client: Client
    form: Mapping[str, str]
    key: str | None
    endpoint: Endpoint

    @property
    def client_id(self) -> str:
        return self.client.id

    @property
    def database(self) -> Database:
        return self.endpoint.database

    @property
    def clock(self) -> Clock:
        return self.endpoint.clock

    @property
    def sealer(self) -> Sealer:
        return self.endpoint.sealer

    @property
    def signer(self) -> TokenSigner:
        return self.endpoint.signer

    @property
    def issuing(self) -> Issuing:
        return Issuing(self.client, self.signer, self.sealer, self.key)


GrantType = Callable[[TokenRequest], Awaitable[Tokens]]
"""Opens and ends its own transactions. Raises ProtocolError, after the transaction where what it did must stay."""
