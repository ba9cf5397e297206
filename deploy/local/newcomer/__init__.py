"""A new district from nothing to its first call in production, with one approver.

`make onboard` plays it on a mesh of its own; `python -m deploy.local.newcomer <config.json>` on one that runs and demands
conformance.
"""
