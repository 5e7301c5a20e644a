"""The program that builds ``ml/data/names.csv`` out of the packages that ship names."""
