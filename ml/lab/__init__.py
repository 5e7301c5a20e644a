"""The study guide's experiments: each a question, a table and a plot, rerun with one command."""
