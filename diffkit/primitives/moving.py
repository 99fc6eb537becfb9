"""Moving entries: splitting, flipping, tiling, padding, diagonals, taking."""
