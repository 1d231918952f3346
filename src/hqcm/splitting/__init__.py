"""Which slices train, validate and test.

Here belongs the draw; what a split file says is in `hqcm.slices.split_file`, who belongs together
in `hqcm.cohort.families`, and whether anything leaks in `hqcm.scrutiny`.

To add a protocol: a function in `protocols` from the cohort to a part for each slice, and its name
in `PROTOCOLS`; `study.protocols` and `--protocol` then take it.
"""
