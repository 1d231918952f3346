"""Hardware: what is left of the trained circuits with finite shots, noisy gates and readout."""
