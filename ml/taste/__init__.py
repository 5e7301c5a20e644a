"""What people like in names, learnt from their ratings: in NumPy, for it serves names, too."""
