"""From native slices to the prepared set and its parts."""
