"""What identity's routes ask for beside the usual."""

from typing import Annotated

from fastapi import Depends, Request

from services.identity.neighbours import Providers as ProvidersProtocol
from services.identity.pages import Pages as PagesOfSignOn
from services.identity.tokens.signer import TokenSigner


def _providers(request: Request) -> ProvidersProtocol:
    providers: ProvidersProtocol = request.app.state.providers
    return providers


def _signer(request: Request) -> TokenSigner:
    signer: TokenSigner = request.app.state.signer
    return signer


def _pages(request: Request) -> PagesOfSignOn:
    pages: PagesOfSignOn = request.app.state.pages
    return pages


Providers = Annotated[ProvidersProtocol, Depends(_providers)]
Signer = Annotated[TokenSigner, Depends(_signer)]
Pages = Annotated[PagesOfSignOn, Depends(_pages)]
