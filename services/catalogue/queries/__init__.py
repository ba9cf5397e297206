"""What the catalogue answers, one module for each area."""
