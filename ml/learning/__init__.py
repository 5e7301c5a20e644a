"""Learning from people: ratings, what they come to, the method, the gate."""
