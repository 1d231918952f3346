"""The simulated cohort, in the native formats of the three sources."""
