"""Many runs of the pipeline: workspaces, training side by side, publication."""
