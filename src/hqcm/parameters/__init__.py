"""Parameters as a whole: what no section can say of itself, checked before any work.

Here belong relations between sections of `params.yaml`, and between parameters and the slices and
the machine they are for. A section's own model, with the range of each key, stays beside its
consumer. Stages `check` and `sizes` say what is wrong before others start (docs/decisions/0024).

To add a section, name its model in `sections.py`; to add a relation, write a function there that
raises a `ParamsError`, which names the keys, what is legal and what was given.
"""
