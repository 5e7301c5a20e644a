"""How a network learns from names and texts."""
