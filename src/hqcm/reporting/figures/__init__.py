"""The figures, a module a subject."""
