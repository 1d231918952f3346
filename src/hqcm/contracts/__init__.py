"""What every stage agrees on: the command line, parameters, labels, the study's runs.

Here belongs what every stage depends on, training too: what hardly changes, and nothing that reads
or writes data. A section of `params.yaml` has its model beside its consumer, not here.

To add an option: use its name in the stage's script and dvc.yaml, and say in
`stages/options.yaml` what it is, with columns and units, and who writes it. An option of the same
name is the same thing in every stage.
"""
