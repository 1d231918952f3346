"""What is known of slices beside their pixels: rejections, folds, duplicates, families.

Here belong tables that one stage writes and several read, and what follows from them alone. How
near-duplicates are found is in `hqcm.near_duplicates`.

To add a table: its columns in the docstring of a module, a function that reads it, one that
writes it.
"""
