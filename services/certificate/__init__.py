"""Certificates 电子证照: issued, held, presented, used in cases.

Owns certificate types, certificates, holders, presentations, uses. Publishes certificate_type.registered,
certificate.issued, certificate.presented, data.accessed. Consumes case.granted (issues), person.verified and
organisation.verified (link a subject to what it holds) and person.merged.
"""
