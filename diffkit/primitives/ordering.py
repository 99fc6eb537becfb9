"""Order: sorting, partitioning, positions of extrema, and selecting by them."""
