"""The sections of the report, a module a subject."""
