"""Names, networks, training, sampling, learning from ratings."""
