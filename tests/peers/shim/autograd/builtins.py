"""Containers: diffkit takes Python's own, so these are Python's own."""

import builtins

from diffkit.core.tracing import concrete

dict, list, tuple = builtins.dict, builtins.list, builtins.tuple


def isinstance(value, kinds):
    """Say what a traced value would be if it were not traced."""
    return builtins.isinstance(concrete(value), kinds)


def type(value):
    """The type of what is inside."""
    return builtins.type(concrete(value))
