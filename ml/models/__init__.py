"""A trained model as data: what it holds, and its file."""
