"""Checks of a case: a function written with np, and the shapes of its arguments.

Each returns what is wrong, as text; nothing where all is well.
"""

import pickle

import numpy as np
import pytest

import diffkit as dk

from .table import close, random, ridders


def arguments(name, shapes):
    """Numbers that differ clearly from each other, and from 0."""
    rng = random(name)
    sizes = [int(np.prod(shape)) for shape in shapes]
    entries = rng.permutation(np.linspace(0.3, 1.7, sum(sizes))) * rng.choice([-1, 1], sum(sizes))
    pieces = np.split(entries, np.cumsum(sizes)[:-1])
    return [p.reshape(shape)[()] for p, shape in zip(pieces, shapes, strict=True)]


def several(result):
    return isinstance(result, (list, tuple))


def bent(f):
    """f of bent arguments, its results weighed: nothing stays linear or symmetric."""

    def g(*xs):
        result = f(*[x + x * x * x / 5 for x in xs])
        parts = [np.ravel(part) for part in result] if several(result) else [np.ravel(result)]
        whole = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return whole * np.linspace(1, 2, whole.size).astype(whole.dtype)

    return g


def value_faults(f, xs):
    """Traced, a function gives what NumPy gives on plain arrays: kind, shape, dtype, entries."""
    wanted = f(*xs)
    found = []

    def kept(*values):
        found.append(f(*values))
        return values

    dk.vjp(kept, *xs)
    (found,) = found
    if several(wanted):
        if type(found) is not type(wanted) or len(found) != len(wanted):
            return [f"a {type(found).__name__} of {len(found)}, NumPy {type(wanted).__name__}"]
        pairs = list(zip(found, wanted, strict=True))
    else:
        pairs = [(found, wanted)]
    return [fault for a, b in pairs for fault in _part_faults(a, np.asarray(b))]


def _part_faults(found, wanted):
    value = getattr(found, "value", found)
    if np.shape(value) != wanted.shape:
        return [f"shape {np.shape(value)}, NumPy {wanted.shape}"]
    if np.asarray(value).dtype != wanted.dtype:
        return [f"dtype {np.asarray(value).dtype}, NumPy {wanted.dtype}"]
    tolerance = 1e-5 if wanted.dtype in (np.float32, np.complex64) else 1e-14
    if not np.allclose(value, wanted, tolerance, tolerance, True):
        return [f"value {value}, NumPy {wanted}"]
    return []


def program_faults(f, xs):
    """A Program replayed elsewhere is f there, its adjoint is the gradient there."""

    def total(*values):
        return np.sum(f(*values))

    program = pickle.loads(pickle.dumps(dk.lower(total, *xs)))
    elsewhere = [x[::-1] * 0.9 if np.ndim(x) else x * 0.9 for x in xs]
    faults = []
    if not close(program(*elsewhere), total(*elsewhere), 1e-13):
        faults.append(f"replayed: {program(*elsewhere)}, {total(*elsewhere)} expected")
    slopes = program.adjoint()(*elsewhere)
    slopes = slopes if isinstance(slopes, tuple) else (slopes,)
    expected = dk.grad(total, tuple(range(len(xs))))(*elsewhere)
    for i, (a, b) in enumerate(zip(slopes, expected, strict=True)):
        if not close(a, b, 1e-13):
            faults.append(f"adjoint of argument {i}: {a}, gradient {b}")
    if not str(program):
        faults.append("a Program without lines")
    return faults


def complex_faults(f, xs, rng):
    """For real f of complex z the gradient is df/dx - i df/dy."""
    zs = [x + 1j * rng.uniform(-1, 1, np.shape(x)) for x in xs]

    def total(*values):
        y = f(*values)
        return np.sum(np.real(y * y))

    faults = []
    slopes = dk.grad(total, tuple(range(len(zs))))(*zs)
    for k, z in enumerate(zs):
        slope = np.ravel(slopes[k])
        for i in range(z.size):
            unit = np.zeros(z.shape, complex)
            unit.flat[i] = 1

            def moved(t, way, k=k, z=z, unit=unit):
                return total(*zs[:k], (z + t * way * unit)[()], *zs[k + 1 :])

            real = ridders(lambda t, m=moved: m(t, 1.0))[0]
            imaginary = ridders(lambda t, m=moved: m(t, 1j))[0]
            if not np.isclose(slope[i], real - 1j * imaginary, 1e-8, 1e-8):
                faults.append(f"argument {k}[{i}]: {slope[i]}, not {real - 1j * imaginary}")
    return faults


def named(cases):
    return pytest.mark.parametrize(
        ("name", "f", "shapes"), cases, ids=[case[0].replace(" ", "-") for case in cases]
    )
