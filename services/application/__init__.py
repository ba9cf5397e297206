"""Cases 办件: one intake 统一收件 for every matter, dispatched to who decides, closed when the result exists.

Owns files, drafts, judgements, cases with their history, materials, consents, clocks and cards, what officers are limited to,
packages, what tables said, the dispatch feed with callbacks and their deliveries, what applicants are told, work forms, notices of
permits, and batches for the national platform. Publishes case.submitted, case.correction_requested, case.corrected, case.accepted,
case.not_accepted, case.granted, case.refused, case.withdrawn, case.terminated, case.renewal_deemed, case.closed, case.permit_changed,
case.permit_ended, data.accessed. Consumes certificate.issued (closes the case), rating.reply_missed (a card) and person.merged.
"""
