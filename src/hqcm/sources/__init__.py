"""The three sources and the phantom cohort: one native format a module."""
