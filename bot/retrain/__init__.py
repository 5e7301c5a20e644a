"""/retrain: the ratings, the process that learns from them, and what becomes of its model."""
