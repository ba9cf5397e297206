"""Matters 事项: one source of truth for guides, forms, materials and limits.

Owns divisions, agencies, fields, matters and their versions, service points. Publishes matter.published. Consumes nothing.
"""
