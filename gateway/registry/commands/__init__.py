"""What officers and systems can make happen in the control plane, one module for each area."""
