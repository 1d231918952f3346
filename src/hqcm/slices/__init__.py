"""The slice store, its writer, its parts as arrays, and the split."""
