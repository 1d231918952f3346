"""Which slices train, validate and test."""
