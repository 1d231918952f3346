"""Is it the quantum layer: networks and protocols compared over seeds and patients."""
