"""Cross-validation by patient: runs that are kept, a difference with its interval, the verdicts.

Here: the compact store in which a study keeps every run (`kept`), the interval that knows patients,
seeds and training sets (`separate_variances`), and which networks are compared (`verdicts`). The
folds themselves are drawn in `hqcm.splitting`; studies on one split are judged in
`hqcm.comparison`.

To add a comparison: a line in `verdicts.compare_networks`.
"""
