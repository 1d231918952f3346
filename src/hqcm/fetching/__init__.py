"""Bringing the clinical files: over the network, or as archives that somebody has put there.

`download` gets files over HTTP, `archives` unpacks them without trusting them, `bring` knows what
is there of a source and what it takes to have the rest. Called by `run_clinical.py` and by no
stage: see docs/decisions/0030. What is in a file, `formats` judges; how the pipeline is run on it,
`orchestration`.

To add a source: a section of `data/paper/sources.yaml` that says where its files are, beside its
section in `params.yaml`; a publisher's client also needs its call in `bring`, its version in
`requirements-clinical.txt`.
"""
