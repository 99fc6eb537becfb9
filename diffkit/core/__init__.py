"""The whole idea: primitives, tapes, the two sweeps, and Programs."""
