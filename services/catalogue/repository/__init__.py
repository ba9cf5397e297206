"""The rows of the catalogue, written, one module for each area."""
