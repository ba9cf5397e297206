"""A client of the mesh for registered parties: signed requests for systems, OpenID Connect for apps."""

from deploy.client.oauth import AppClient, SignedIn, SignOnFailed
from deploy.client.patience import NobodyAnswered, patiently
from deploy.client.signed import TongbanClient

__all__ = ["AppClient", "NobodyAnswered", "SignOnFailed", "SignedIn", "TongbanClient", "patiently"]
