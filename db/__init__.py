"""What is kept: models, engine, queries."""
