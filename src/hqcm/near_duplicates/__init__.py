"""Slices that show the same picture, found by fingerprints and then by pixels."""
