"""What the control plane answers, one module for each area."""
