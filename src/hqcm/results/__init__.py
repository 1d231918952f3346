"""What the stages after training leave, as later stages and people read it.

Here: the predictions store, the one type of a number with its interval, JSON and CSV files whose
bytes repeat. Not here: how a number is computed (`evaluation`, `comparison`, ...), what is said
of it (`reporting`).

To add one: a result with a schema of its own is a `Section` beside the code that computes it,
written and read through `files`; an interval in it is an `intervals.Interval`.
"""
