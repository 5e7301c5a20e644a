"""Strings: names as records, their letters as symbols, their fingerprints."""
