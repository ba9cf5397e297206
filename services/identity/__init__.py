"""Persons and how sure the city is of them, sign-on, and each person's access ledger 统一身份认证.

Owns persons, verifications, passkeys, clients, sessions, accesses. Publishes person.verified, session.revoked.
Consumes party.changed (clients) and data.accessed of every publisher (the ledger).
"""
