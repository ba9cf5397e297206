"""六个统一: the six unified rules, one room each. A room is total: it grants, does not apply, or denies by name."""
