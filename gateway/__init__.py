"""The only door: six unified rules in front, the control plane behind.

Owns: parties, channels, resources, policies, decision records. Publishes: party.changed, policy.changed, data.accessed.
Consumes: session.revoked, grant.revoked, mandate.revoked, person.merged, in every process.
"""
