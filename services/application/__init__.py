"""Cases 办件: one intake 统一收件 for every matter, dispatched to who decides, closed when the result exists.

Owns files, drafts, judgements, cases with their history, materials and consents, and the dispatch feed. Publishes case.submitted,
case.correction_requested, case.corrected, case.accepted, case.granted, case.refused, case.closed, data.accessed.
Consumes its own case.submitted and case.corrected (dispatch), certificate.issued (closes the case) and person.merged.
"""
