"""Certificates 电子证照: issued, held, presented, used in cases.

Owns certificate types, certificates, holders, presentations, uses. Publishes certificate_type.registered,
certificate.issued, certificate.state_changed, certificate.presented, data.accessed. Consumes case.granted (issues),
case.permit_changed and case.renewal_deemed (issue the next version), case.permit_ended (revokes or cancels), person.verified and organisation.verified
(link a subject to what it holds) and person.merged.
"""
