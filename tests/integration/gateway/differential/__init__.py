"""The gateway beside nginx: the same bytes to both, the same service behind both."""
