"""Both modes for functions of one argument, as autograd's core has them."""

import diffkit as dk


def make_vjp(fun, x):
    """Return (pull, value)."""
    value, pull = dk.vjp(fun, x)
    return (lambda bar: pull(bar)[0]), value


def make_jvp(fun, x):
    """Return dot -> (value, its tangent)."""
    return lambda dot: dk.jvp(fun, (x,), (dot,))
