"""Persons, organisations and staff, how sure the city is of them, sign-on, and each person's access ledger 统一身份认证.

Owns persons with their documents, verifications, history and passkeys, organisations, staff, mandates, clients, sessions,
grants, signing keys, logout deliveries, device requests, accesses, city codes 随申码. Publishes person.verified,
person.merged, person.closed, organisation.verified, session.revoked, grant.revoked, mandate.revoked.
Consumes party.changed (clients) and data.accessed of every publisher (the ledger).
"""
