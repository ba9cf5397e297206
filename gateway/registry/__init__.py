"""The control plane: parties, channels, resources and policies, and the decisions made by them.

Owns the gateway's database. Publishes party.changed, policy.changed and, from recorded decisions, data.accessed. Consumes nothing.
"""
