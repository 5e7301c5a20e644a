"""The classifier of given names."""
