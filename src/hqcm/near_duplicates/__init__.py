"""Slices that show the same picture, found by fingerprints and then by pixels.

Here belongs how they are found; what a pair and a group are, and what follows from them for
patients, is in `hqcm.cohort`, which others read without it.

To change what counts as the same picture: section `fingerprint` of `params.yaml`, or
`fingerprints.filter_band` together with `fingerprints.take_prints`, which is the same band.
"""
