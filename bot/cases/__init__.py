"""Names in all cases."""
