"""The commands of ``python -m ml``, one a module: parse, call, print."""
