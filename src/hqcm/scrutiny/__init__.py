"""Scrutiny: what flatters a score, leaks from training to test and shortcuts to the class."""
