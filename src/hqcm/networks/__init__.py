"""The networks of the paper: features, attention, quantum layer, heads."""
