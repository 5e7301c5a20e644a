"""/name: what people ask for, what they are given, and how an answer looks."""
