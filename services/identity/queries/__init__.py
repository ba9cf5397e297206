"""What identity answers, one module for each area."""
