"""The control plane: parties, channels, resources, shared data and policies, and the decisions made by them.

Owns the gateway's database. Publishes party.changed, policy.changed and, from recorded decisions, data.accessed. Consumes
certificate_type.registered.
"""
