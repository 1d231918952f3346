"""How well each network does on the test slices, with intervals over patients.

Here: scores, calibration, curves, the overlap of attention maps with masks, the features' plane,
and the bootstrap and tests behind them. Not here: whether a difference is more than chance over
seeds (`comparison`), what explains it (`explanation`, `scrutiny`).

To add one: a score is a `bootstrap.Measure`, a function of how often each group of slices counts,
named by its path as in `data/paper/claims.yaml`; `bootstrap.estimate_study` gives it intervals
and differences. Its stage writes them to `reports/intervals`, where the report finds them. Then
a test compares it with a derivation in `tests/reference.py`.
"""
