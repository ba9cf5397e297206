"""Request and answer models, one module per service."""
