"""The sandbox: a party in testing passes the very same rooms, and is answered by stubs of the committed documents."""

from gateway.sandbox.answering import Sandbox

__all__ = ["Sandbox"]
