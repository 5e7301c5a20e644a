"""The equations, in torch; and once in NumPy with the gradient by hand."""
