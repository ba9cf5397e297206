"""What can happen in the catalogue, one module for each kind of thing."""
