"""Names and texts as tensors, to be trained on and judged by."""
