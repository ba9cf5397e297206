"""What matters and packages are found by: how text is taken apart, what people say instead, and the index over it."""
