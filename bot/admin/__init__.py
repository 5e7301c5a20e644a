"""What only admins see: learning, the models, statistics."""
