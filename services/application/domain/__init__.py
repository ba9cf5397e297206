"""Cases as rules: their life in `case`, what a submission must hold in `intake`."""
