"""The native formats of the three sources, and their conversion to a slice store."""
