"""A model and names to judge it by."""
