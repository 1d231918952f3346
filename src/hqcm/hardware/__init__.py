"""Hardware: what is left of the trained circuits with finite shots, noisy gates and readout.

Only PennyLane's devices run here, on what the quantum layer of a trained network is given; the
layer itself, exact and trained, is in `hqcm.networks`. `anatomy` takes the network apart for who
draws it: blocks, gates, and the quadratic forms that its circuits are.

To add an error, give it a field in `conditions.Condition` and a section key in `HardwareParams`,
act on it in `circuits._node`, and list its strengths in `evaluate._list_conditions`.
"""
