"""Linear algebra: solving, decompositions, determinants, norms."""
