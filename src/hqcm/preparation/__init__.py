"""Native slices of any size and range become one prepared store."""
