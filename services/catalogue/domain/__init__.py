"""The catalogue as rules, one module for each kind of thing."""
