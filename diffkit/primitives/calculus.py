"""Running sums and products, differences, integrals, convolutions, polynomials."""
