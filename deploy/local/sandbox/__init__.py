"""Other people's systems, played by small processes that speak their protocol: they also refuse, dawdle and go away."""
