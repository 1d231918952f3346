"""Heads alone: the same question with the convolutional features frozen.

Here: the features that a trained network hands to its projection, many heads trained on them side
by side, and what is left of that. `run_heads.py` joins them; no stage imports them. Not here: heads
(`networks.heads`), networks trained end to end (`training`), what the differences are worth.

To add a head, give it a section of `variants`, as for a whole network: `make heads HEADS=NAME`
trains it. It must keep no running statistics, for many of it are computed as one.
"""
