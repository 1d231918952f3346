"""Pictures: every figure of the paper, and those that it lacks.

A function gets what is drawn and returns a `Figure`; colours, sizes and files are those of
`drawing`. What stands beside a picture in words belongs to `hqcm.reporting.sections`.

To add one: a function `draw_...` in the module of its subject, a line in `gallery`, a `Picture` in
a section, its name in the test of names, and in the lists of `hqcm.orchestration.publication`.
"""
