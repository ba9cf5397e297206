"""Tokens that identity signs, and assertions by which clients prove themselves.

Source: OpenID Connect Core (ID token), RFC 9068 (access token), RFC 7523 (private_key_jwt).
"""
