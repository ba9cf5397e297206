"""Matters 事项: one source of truth for guides, forms, materials and limits.

Owns divisions, agencies, fields, matters and packages, their versions, standings and drafts, and service points. Publishes
matter.published, matter.changed, matter.withdrawn and package.published. Consumes nothing.
"""
