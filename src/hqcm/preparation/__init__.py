"""Native slices of any size and range become one prepared store.

Here belongs what happens to a slice on its own, the same for every source. What depends on other
slices (near-duplicates, the split) comes after, in rooms of its own.

To add a step: a function of one array in `scaling`, called in `prepare._prepare_slice`.
"""
