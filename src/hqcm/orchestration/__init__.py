"""Many runs of the pipeline: workspaces, training on a cluster, publication.

What `run_study.py` and `publish_run.py` join and no stage imports. Here DVC is started and files
are copied; what a stage computes belongs to the folders above, and says nothing of studies but
section `study`.

`engine` hands runs out, `clusters` opens what they are handed to, `runs` is what a worker does with
one. To add a batch system that dask-jobqueue knows, name its class in `clusters.open_queue`.

To publish one more result of a study, name it in `publication._RESULTS`, or its figure in
`_FIGURES` (numbers) or `_SLICES` (pictures of slices, which stay here). Of the default run
everything is published that a stage writes under `reports`.
"""
