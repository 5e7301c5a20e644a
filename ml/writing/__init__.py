"""A finished model at work: what serves /name."""
