"""diffkit against other libraries: their tests run on it, their answers beside its own.

Run from the root of the repository::

    python -m tests.peers.autograd_suite     # autograd's own tests, a minute
    python -m tests.peers.jax_table          # every function against JAX
"""
