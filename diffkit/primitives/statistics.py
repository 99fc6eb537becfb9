"""Statistics: variance, quantiles, covariances, and their kin that skip nan."""
