"""Slices on disk: the store and its writer, parts as arrays, the split, what a source is.

Here belongs what every stage after conversion reads: one layout for native and prepared slices.
What is known of slices beside their pixels is in `hqcm.cohort`; how pixels are read from other
people's files in `hqcm.formats`.

To add a column of the index: a field of `store._Row` and of `store.Slice`, and a line in
`writer.SliceWriter.add`. Every store is then made anew.
"""
