"""Identity's requests and answers, one module for each area."""
