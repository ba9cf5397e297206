"""What application answers, one module for each area."""
