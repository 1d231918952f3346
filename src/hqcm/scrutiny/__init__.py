"""Scrutiny: what flatters a score without a better network.

Leaks from training to the test part, and shortcuts to the class beside the brain. Here belongs
what can be said before any network is trained; what networks make of it is compared in
`hqcm.comparison`, and said in `hqcm.reporting`.

To add a clue, measure its columns in `shortcuts.measure_clues` and name them in `_CLUES`; `_probe`
says which clues are tried together.
"""
