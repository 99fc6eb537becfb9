"""Sums, products, extrema and norms along axes."""

import math

import numpy as np

from ..core.tracing import is_traced, shape_of
from .arithmetic import where
from .comparison import equal
from .elementwise import conjugated, quotient
from .rules import array_row, composed_row, match
from .shaping import broadcast_to, concatenate, getitem, inverse_order, reshape, transpose

# Everywhere below, `axis` is None for all axes or a sorted tuple of some; the
# functions in NumPy's signatures make it so.


def _kept(shape, axis):
    """Return the shape with the axes reduced to length 1."""
    return tuple(1 if axis is None or i in axis else n for i, n in enumerate(shape))


def reduced_shape(shape, axis, keepdims):
    """Return the shape that a reduction leaves."""
    if keepdims:
        return _kept(shape, axis)
    return tuple(n for i, n in enumerate(shape) if axis is not None and i not in axis)


def spread(bar, x, axis):
    """Repeat a reduced array along the axes that were reduced."""
    kept = _kept(x.shape, axis)
    if shape_of(bar) not in ((), kept):
        bar = reshape(bar, shape=kept)
    if is_traced(x) and not is_traced(bar):
        # A constant, but no array of constants belongs into a Program.
        return x.tape.record(broadcast_to, (bar,), {"shape": x.shape})
    return broadcast_to(bar, shape=x.shape)


def _reducing(ufunc):
    """Use the ufunc's own reduce: half the overhead of np.sum and its kin."""

    def reduce(x, *, axis, keepdims):
        return ufunc.reduce(x, axis=axis, keepdims=keepdims)

    return reduce


def _form(name):
    """Print sum(x), sum(x, axis=0), sum(x, axis=(0, 2), keepdims=True)."""

    def form(names, params):
        axis = params["axis"]
        said = list(names)
        if axis is not None:
            said.append(f"axis={axis[0] if len(axis) == 1 else axis}")
        if params["keepdims"]:
            said.append("keepdims=True")
        return f"{name}({', '.join(said)})"

    return form


_AXES = (
    ((3,), {"axis": None, "keepdims": False}),
    ((2, 3), {"axis": (1,), "keepdims": True}),
    ((2, 3), {"axis": None, "keepdims": False}),
    ((2, 2, 2), {"axis": (0, 2), "keepdims": False}),
    ((2, 3), {"axis": (0,), "keepdims": False}),
)


def _evenly(primitive, share):
    """A cotangent that all entries of a plain array receive alike stays one number."""
    each = primitive.pull

    def pull(k, bar, out, values, params):
        x, kind = values[0], bar.__class__
        number = kind is int or kind is float or kind is np.float64
        if number and x.__class__ is np.ndarray and x.dtype.kind == "f":
            return share(float(bar), x, **params)
        return each(k, bar, out, values, params)

    primitive.pull = pull


sum_ = array_row(
    "sum",
    _reducing(np.add),
    [lambda bar, y, x, *, axis, keepdims: spread(bar, x, axis)],
    "linear",
    form=_form("sum"),
    source="linear: every entry summed into y receives y's cotangent",
    examples=_AXES,
)
_evenly(sum_, lambda bar, x, **params: bar)


def _count(x, axis):
    return math.prod(x.shape if axis is None else [x.shape[i] for i in axis])


def _mean(x, *, axis, keepdims):
    """What np.mean computes, at half its overhead where it does no more than this."""
    if x.dtype != np.float64 or not x.size:
        return np.mean(x, axis=axis, keepdims=keepdims)
    return np.add.reduce(x, axis=axis, keepdims=keepdims) / _count(x, axis)


mean = array_row(
    "mean",
    _mean,
    [lambda bar, y, x, *, axis, keepdims: spread(bar / (_count(x, axis) or 1), x, axis)],
    "linear",
    form=_form("mean"),
    source="the sum, divided by the count",
    objects=lambda scalar, x, *, axis, keepdims: (
        np.add.reduce(x, axis=axis, keepdims=keepdims) / _count(x, axis)
    ),
    examples=_AXES,
)
_evenly(mean, lambda bar, x, *, axis, keepdims: bar / (_count(x, axis) or 1))


# -- extrema -----------------------------------------------------------------------


def shares(y, x, axis):
    """1 where x attains the extremum y, shared equally among ties."""
    ties = where(equal(x, reshape(y, shape=_kept(x.shape, axis))), 1.0, 0.0)
    return ties / sum_(ties, axis=axis, keepdims=True)


def _extremum_vjp(bar, y, x, *, axis, keepdims):
    return spread(bar, x, axis) * shares(y, x, axis)


def _extremum_jvp(dots, y, x, *, axis, keepdims):
    return match(sum_(dots[0] * shares(y, x, axis), axis=axis, keepdims=keepdims), y)


def _object_extremum(name):
    def reduce(scalar, x, *, axis, keepdims):
        return scalar(name).reduce(x, axis=axis, keepdims=keepdims)

    return reduce


def extremum_row(name, ufunc, pairwise):
    return array_row(
        name,
        _reducing(ufunc),
        [_extremum_vjp],
        _extremum_jvp,
        form=_form(name),
        kinks="ties, where the extremum is shared",
        source="the entry that attains it; tied entries share equally",
        objects=_object_extremum(pairwise),
        examples=_AXES,
    )


max_ = extremum_row("max", np.maximum, "maximum")
min_ = extremum_row("min", np.minimum, "minimum")


# -- products ----------------------------------------------------------------------


def _others(x, *, axis):
    """For each entry, the product of all the others, without dividing."""
    moved = np.moveaxis(x, axis, 0) if axis else x
    left, right = np.empty_like(moved), np.empty_like(moved)
    left[:1] = right[-1:] = 1
    np.multiply.accumulate(moved[:-1], 0, out=left[1:])
    np.multiply.accumulate(moved[:0:-1], 0, out=right[-2::-1])
    products = left * right
    return np.moveaxis(products, 0, axis) if axis else products


def _others_expansion(x, *, axis):
    """The same in O(log n) steps, each differentiable: products by doubling."""
    head = (slice(None),) * axis
    n = x.shape[axis]
    ones = np.ones([1 if i == axis else m for i, m in enumerate(x.shape)], x.dtype)

    def shifted(p, by, fill):
        """Move p along the axis by `by`, filling with ones."""
        fill = np.repeat(fill, min(abs(by), n), axis)
        if abs(by) >= n:
            return fill
        if by > 0:
            return concatenate(fill, getitem(p, index=(*head, slice(0, n - by))), axis=axis)
        return concatenate(getitem(p, index=(*head, slice(-by, n))), fill, axis=axis)

    sides = []
    for direction in (1, -1):
        p, by = shifted(x, direction, ones), 1
        while by < n:
            p, by = p * shifted(p, direction * by, ones), 2 * by
        sides.append(p)
    return sides[0] * sides[1]


prod_others = composed_row(
    "prod_others",
    _others,
    _others_expansion,
    shape=lambda x, axis: x.shape,
    objects=lambda scalar, x, *, axis: _others(x, axis=axis),
    source="product rule (Speelpenning's example, Griewank & Walther, section 3.3)",
    examples=(((3,), {"axis": 0}), ((2, 3), {"axis": 1}), ((1,), {"axis": 0})),
)


def _factors(x, axis):
    """For each entry of x, the product of the others that it is multiplied with."""
    reduced = tuple(range(x.ndim)) if axis is None else axis
    if len(reduced) == 1:
        return prod_others(x, axis=reduced[0])
    # Gather the reduced axes into one last axis, and put everything back after.
    free = tuple(i for i in range(x.ndim) if i not in reduced)
    order = free + reduced
    moved = transpose(x, axes=order)
    flat = reshape(moved, shape=(*[x.shape[i] for i in free], _count(x, axis)))
    others = reshape(prod_others(flat, axis=len(free)), shape=shape_of(moved))
    return transpose(others, axes=inverse_order(order))


prod = array_row(
    "prod",
    _reducing(np.multiply),
    [lambda bar, y, x, *, axis, keepdims: spread(bar, x, axis) * _factors(x, axis)],
    lambda dots, y, x, *, axis, keepdims: sum_(
        dots[0] * _factors(x, axis), axis=axis, keepdims=keepdims
    ),
    form=_form("prod"),
    source="product rule, exact at zeros",
    examples=_AXES,
)


# -- norms -------------------------------------------------------------------------


# Bytes of a float -> norms whose squares neither overflow nor lose digits.
_SAFE = {2: (0.5, 100.0), 4: (1e-15, 1e18), 8: (1e-140, 1e150), 16: (1e-140, 1e150)}


def _squares(x, axis, keepdims):
    if axis is None and not keepdims and x.dtype.kind == "f":
        flat = x.ravel()
        return flat.dot(flat)
    size = np.abs(x) if x.dtype.kind == "c" else x
    return np.add.reduce(size * size, axis=axis, keepdims=keepdims)


def _norm(x, *, axis, keepdims):
    """Euclidean norm over the axes; scaled first where squares would not be normal numbers."""
    with np.errstate(over="ignore", under="ignore"):
        norm = np.sqrt(_squares(x, axis, keepdims))
    low, high = _SAFE[norm.dtype.itemsize]
    if low < norm < high if not norm.ndim else np.all((norm > low) & (norm < high)):
        return norm
    largest = np.maximum.reduce(np.abs(x), axis=axis, keepdims=True, initial=0)
    scale = np.where((largest > 0) & np.isfinite(largest), largest, 1)
    root = np.sqrt(np.add.reduce(np.square(np.abs(x) / scale), axis=axis, keepdims=True))
    norm = root * scale
    return norm if keepdims else np.squeeze(norm, axis)[()]


def _direction(y, x, axis):
    """x/|x|, and 0 at the origin: the smallest subgradient."""
    length = reshape(y, shape=_kept(x.shape, axis)) if shape_of(y) else y
    return quotient(conjugated(x), length)


norm2 = array_row(
    "norm",
    _norm,
    [lambda bar, y, x, *, axis, keepdims: spread_factor(bar, x, axis) * _direction(y, x, axis)],
    lambda dots, y, x, *, axis, keepdims: sum_(
        dots[0] * _direction(y, x, axis), axis=axis, keepdims=keepdims
    ),
    form=_form("norm"),
    kinks="the origin, where it answers 0",
    source="x/|x|; 0 at the origin, the smallest subgradient",
    objects=lambda scalar, x, *, axis, keepdims: scalar("sqrt")(
        np.add.reduce(x * x, axis=axis, keepdims=keepdims)
    ),
    examples=_AXES,
)


def spread_factor(bar, x, axis):
    """The cotangent in a shape that broadcasts against x."""
    kept = _kept(x.shape, axis)
    return bar if shape_of(bar) in ((), kept) else reshape(bar, shape=kept)


# -- truth -------------------------------------------------------------------------

all_ = array_row(
    "all", _reducing(np.logical_and), None, form=_form("all"), source="truth value", examples=_AXES
)
any_ = array_row(
    "any", _reducing(np.logical_or), None, form=_form("any"), source="truth value", examples=_AXES
)
