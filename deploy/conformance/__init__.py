"""Prepares a running mesh for the OpenID Foundation's own conformance suite."""
