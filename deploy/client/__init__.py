"""A client of the mesh for registered parties: signed requests for systems, OpenID Connect for apps."""

from deploy.client.oauth import AppClient, SignedIn
from deploy.client.signed import TongbanClient

__all__ = ["AppClient", "SignedIn", "TongbanClient"]
