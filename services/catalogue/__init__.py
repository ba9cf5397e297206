"""Matters 事项: one source of truth for guides, forms, materials and limits.

Owns divisions, agencies, fields, matters and packages, their versions and drafts. Publishes matter.published and
matter.changed. Consumes nothing.
"""
