"""Lists of names: what a person keeps, what they were shown, what people like best."""
