"""What a grant type of the token endpoint is asked with, and what it answers.

A grant type is one function in a module of its own; `routes/tokens.py` maps its name to it.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from chassis.clock import Clock
from chassis.database import Database
from chassis.sealing import Sealer
from services.identity.commands.grants import Tokens
from services.identity.tokens.signer import TokenSigner


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A request for tokens by a client that has proven itself. `form` holds its parameters, each at most once."""

    client_id: str
    form: Mapping[str, str]
    database: Database
    clock: Clock
    sealer: Sealer
    signer: TokenSigner


GrantType = Callable[[TokenRequest], Awaitable[Tokens]]
"""Opens and ends its own transactions. Raises ProtocolError, after the transaction where what it did must stay."""
