"""Matters 事项: one source of truth for guides, forms, materials and limits.

Owns divisions, agencies, fields, matters, packages and their versions. Publishes matter.published. Consumes nothing.
"""
