"""Who vouches for the other end of an outgoing connection."""

import ssl
from functools import cache

import httpx


@cache
def authorities() -> ssl.SSLContext:
    """The certificate authorities that this process trusts, read once: each reading takes 40 ms of CPU, and every client would
    read them for itself, also one that only ever speaks to neighbours in the clear. It is shared; change nothing in it."""
    return httpx.create_ssl_context()
