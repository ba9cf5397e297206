"""What can happen in identity, one module for each kind of thing."""
