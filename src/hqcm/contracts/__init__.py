"""What every stage agrees on: parameters, labels, the study's runs, the command line."""
