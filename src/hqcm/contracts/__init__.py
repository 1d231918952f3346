"""What the stages agree on: parameters, labels, stores and the command line."""
