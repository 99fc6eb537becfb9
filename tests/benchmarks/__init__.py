"""How fast, how large, how much work: measured, next to what is asked.

Run from the root of the repository::

    python -m tests.benchmarks                     # everything, some minutes
    python -m tests.benchmarks gradient --quick    # one figure, few rounds

Other libraries are optional; one that is missing is reported as such.
"""
