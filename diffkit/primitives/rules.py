"""How rows are made: from partial derivatives, from VJPs, or from a composition.

An elementwise operation states its partials, and both modes follow:

    x_bar = y_bar * dy/dx        y_dot = sum of dy/dx * x_dot

An array operation states one VJP an operand, and its JVP: "linear" (the
operation itself, applied to the tangents), "multilinear" (the sum over
operands, each replaced by its tangent) or a function.

Rules look at shapes and dtypes, never at values, and are written with rows,
so that they can be recorded and differentiated again.

The plain integers 1, -1 and 0 stand for themselves: partial or cotangent, they
cost no operation (1*v is v, 0 is no contribution at all). A plain number as the
cotangent of an array of numbers is that of each of its entries: what a sum hands on. A
text in the place of a partial is the name of an operand that has no rule, such as the
order v of jv(v, x): differentiating by it is an error, never a silent zero.

A partial that does not use the result calls it `_`: a tape need not keep what no rule
of a row looks at.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.primitive import PRIMITIVES, REALS, Primitive
from ..core.sweeps import pull_through, push_through
from ..core.tracing import ALL, OPERANDS, SHAPES, abstract_of, shape_of
from ..errors import NotDifferentiable, user_line

_float64, _ndarray = np.float64, np.ndarray
_PLAIN = (int, float)


def add_row(primitive: Primitive) -> Primitive:
    """Put a row into the table."""
    PRIMITIVES[primitive.name] = primitive
    return primitive


def row(
    name: str,
    numpy: Callable,
    partials: list | None,
    sympy: str | Callable | None,
    *,
    domain: tuple = REALS,
    **facts: Any,
) -> Primitive:
    """Make an elementwise row from d out/d operand, each given (out, *operands)."""
    primitive = Primitive(name, numpy, sympy=sympy, elementwise=True, **facts)
    count = numpy.nin if partials is None and hasattr(numpy, "nin") else 0
    count = count if partials is None else len(partials)
    primitive.domain = domain if domain and isinstance(domain[0], tuple) else (domain,) * count
    if partials is not None:
        primitive.partials = tuple(partials)
        primitive.reads = _read(partials)
        primitive.pull = _elementwise_pull(primitive)
        primitive.push = _elementwise_push(primitive)
    return add_row(primitive)


def _read(partials: list) -> int:
    """Say what partials look at: all, but for a result that a formula calls ``_``."""
    formulas = [partial for partial in partials if partial.__class__ is not int]
    if not formulas:
        return SHAPES
    named = [getattr(f, "__code__", _read.__code__).co_varnames[0] for f in formulas]
    return OPERANDS if set(named) == {"_"} else ALL


# A linear map is its own derivative; that of a product by one factor is made of the others.
_READ: dict[Any, int] = {"linear": SHAPES, "multilinear": OPERANDS}


def array_row(
    name: str,
    numpy: Callable,
    vjps: list | Callable | None,
    jvp: str | Callable | None = None,
    **facts: Any,
) -> Primitive:
    """Make a row from one VJP an operand, each given (bar, out, *operands, **params).

    A single callable serves every operand and is given its number first.
    """
    primitive = Primitive(name, numpy, **facts)
    if vjps is not None:
        primitive.pull = _array_pull(vjps, jvp == "linear")
        primitive.push = _array_push(primitive, jvp)
        primitive.reads = _READ.get(jvp, ALL)
    return add_row(primitive)


def composed_row(name: str, numpy: Callable, expansion: Callable, **facts: Any) -> Primitive:
    """Make a row whose derivative is that of `expansion`, written in other rows."""
    primitive = Primitive(name, numpy, **facts)

    def pull(k: int, bar: Any, out: Any, values: tuple, params: dict) -> Any:
        part = pull_through(lambda *xs: expansion(*xs, **params), k, plain(bar, out), values)
        return None if part is None else match(plain(part), values[k])

    def push(dots: list, out: Any, values: tuple, params: dict) -> Any:
        return push_through(lambda *xs: expansion(*xs, **params), dots, values)

    primitive.pull, primitive.push = pull, push
    return add_row(primitive)


# -- elementwise ---------------------------------------------------------------


def times(bar: Any, partial: Any) -> Any:
    """Multiply, where the integers 1 and -1 cost nothing."""
    if partial.__class__ is bool:
        partial = int(partial)
    if partial.__class__ is int and (partial == 1 or partial == -1):
        return bar if partial == 1 else -bar
    if bar.__class__ is int and bar in (1, -1):
        return partial if bar == 1 else -partial
    return bar * partial


def _elementwise_pull(primitive: Primitive) -> Callable:
    partials = _partials(primitive)
    count = len(partials)

    # What `carried` gives, with the commonest kinds and calls spelled out: they cost half.
    def pull(k: int, bar: Any, out: Any, values: tuple, params: dict) -> Any:
        partial, x, kind = partials[k], values[k], bar.__class__
        if partial.__class__ is int:
            if kind is _float64 and x.__class__ is kind and partial:
                return bar if partial == 1 else bar * partial
            if kind is _ndarray and partial == 1:
                return match(bar, x)
            return carried(bar, partial, out, x)
        if count == 2:
            a, b = values
            partial = partial(out, a, b)
        else:
            partial = partial(out, x) if count == 1 else partial(out, *values)
        if partial.__class__ is kind:
            if kind is _float64 and x.__class__ is kind:
                return bar * partial
            if kind is _ndarray:
                return match(bar * partial, x)
        return carried(bar, partial, out, x)

    return pull


def carried(bar: Any, partial: Any, out: Any, x: Any) -> Any:
    """Multiply a cotangent with a partial, and fit it to the operand.

    One number for all entries stays one as long as nothing tells them apart.
    """
    if partial.__class__ is int and partial == 0:
        return None
    if bar.__class__ is Masked:
        return bar.through(partial, x)
    if bar.__class__ not in _PLAIN:
        return match(times(bar, partial), x)
    whole = x.__class__ is _ndarray
    alike = whole and out.__class__ is _ndarray and out.shape == x.shape and out.dtype is x.dtype
    if not alike and shape_of(out):
        bar = plain(bar, out)
    part = times(bar, partial)
    return part if whole and part.__class__ in _PLAIN else match(part, x)


def _elementwise_push(primitive: Primitive) -> Callable:
    partials = _partials(primitive)

    def push(dots: list, out: Any, values: tuple, params: dict) -> Any:
        total = None
        for dot, partial in zip(dots, partials, strict=True):
            if dot is not None:
                slope = partial if partial.__class__ is int else partial(out, *values)
                total = moved_by(dot, slope, total)
        return total if total is None else match(total, out)

    return push


def moved_by(dot: Any, slope: Any, total: Any) -> Any:
    """Add a tangent times a slope to a total; None stands for zero."""
    if slope.__class__ is int and slope == 0:
        return total
    part = times(dot, slope)
    return part if total is None else total + part


def _partials(primitive: Primitive) -> list:
    """Return the partials as integers and functions; names of operands become refusals."""
    return [
        functools.partial(_refused, primitive, name, k) if name.__class__ is str else name
        for k, name in enumerate(primitive.partials)
    ]


def _refused(primitive: Primitive, operand: str, k: int, y: Any, *values: Any) -> int:
    """Refuse to differentiate by an operand that has no rule; whole numbers never move."""
    if abstract_of(values[k]).dtype.kind in "fc":
        raise NotDifferentiable(
            f"{primitive.name} has no rule for its derivative by {operand}{user_line()}. Let "
            f"{operand} be a constant that is not differentiated by, or estimate that derivative "
            "with dk.finite.derivative"
        )
    return 0


def match(bar: Any, x: Any) -> Any:
    """Give a cotangent the shape and dtype of its primal.

    What broadcasting repeated is summed, what it did not reach is repeated, and
    float32 stays float32. A real primal takes the real part.
    """
    kind = bar.__class__
    if kind is x.__class__ and (
        kind is _float64 or (kind is _ndarray and bar.shape == x.shape and bar.dtype is x.dtype)
    ):
        return bar
    if kind is int and not shape_of(x):
        return bar
    shape = shape_of(x)
    if shape_of(bar) != shape:
        bar = fit(bar, shape)
    dtype = x.dtype if hasattr(x, "dtype") else np.result_type(x)
    if bar.__class__ is float:
        return bar if dtype == _float64 else dtype.type(bar)
    return bar if bar.dtype == dtype else cast(bar, dtype)


def fit(bar: Any, shape: tuple) -> Any:
    """Sum over, or repeat along, the axes in which `bar` and `shape` differ."""
    have = shape_of(bar)
    if not _reaches(have, shape):
        have = np.broadcast_shapes(have, shape)
        bar = _row("broadcast_to")(bar, shape=have)
    if have == shape:
        return bar
    axes, keepdims, left = _summing(have, shape)
    total = _row("sum")(bar, axis=axes, keepdims=keepdims)
    return total if left == shape else _row("reshape")(total, shape=shape)


@functools.lru_cache(maxsize=1024)
def _summing(have: tuple, shape: tuple) -> tuple:
    """Return the axes to sum over from one shape to another, and what shape that leaves."""
    extra = len(have) - len(shape)
    axes = [i for i, n in enumerate(have) if i < extra or n != shape[i - extra]]
    keepdims = not extra
    left = [1 if i in axes else n for i, n in enumerate(have) if keepdims or i not in axes]
    return tuple(axes), keepdims, tuple(left)


@functools.lru_cache(maxsize=1024)
def _reaches(have: tuple, shape: tuple) -> bool:
    """Say whether `shape` broadcasts to `have`."""
    extra = len(have) - len(shape)
    if extra < 0:
        return False
    for i, m in enumerate(shape, extra):
        if m != 1 and m != have[i]:
            return False
    return True


def cast(bar: Any, dtype: Any) -> Any:
    """Convert a cotangent to the dtype of its primal."""
    kind = bar.dtype.kind
    if kind == "c" and dtype.kind != "c":
        bar = _row("real")(bar)
    if dtype.kind not in "fc":
        return bar
    return bar if bar.dtype == dtype else _row("astype")(bar, dtype=dtype)


def _row(name: str) -> Primitive:
    return PRIMITIVES[name]


class Masked:
    """A cotangent known to be zero where `keep` is false, by selection.

    In where(x > 0, sqrt(x), 0) nothing flows into sqrt at x = 0. Multiplying
    that zero by sqrt's infinite slope would give nan, so an elementwise rule
    selects once more after multiplying. A zero that is merely a number (as in
    x*sqrt(x)) gets no such treatment: there nan is the truth of the rule.
    """

    __slots__ = ("bar", "keep")

    def __init__(self, bar: Any, keep: Any) -> None:
        self.bar = bar
        self.keep = keep

    def through(self, partial: Any, x: Any) -> Masked:
        """Pass an elementwise operation with this partial and operand."""
        bar = times(self.bar, partial)
        if partial.__class__ not in (int, float):
            bar = _row("where")(self.keep, bar, 0.0)
        return Masked.matched(bar, self.keep, x)

    @staticmethod
    def matched(bar: Any, keep: Any, x: Any) -> Masked:
        """Give both the cotangent and its mask the shape of x."""
        shape = shape_of(x)
        if shape_of(keep) != shape:
            keep = _fit_any(keep, shape)
        return Masked(match(bar, x), keep)

    def __add__(self, other: Any) -> Any:
        if other.__class__ is Masked:
            same = self.keep is other.keep
            keep = self.keep if same else _row("logical_or")(self.keep, other.keep)
            return Masked(self.bar + other.bar, keep)
        return self.bar + other

    def __radd__(self, other: Any) -> Any:
        return other + self.bar

    __array_ufunc__ = None  # so that array + Masked comes to __radd__


def _fit_any(keep: Any, shape: tuple) -> Any:
    """Reduce a mask to `shape`: true where any of the entries is."""
    counted = match(_row("where")(keep, 1.0, 0.0), np.broadcast_to(1.0, shape))
    return _row("greater")(counted, 0)


def plain(bar: Any, out: Any = None) -> Any:
    """Return a cotangent as an array of numbers."""
    if bar.__class__ is Masked:
        bar = bar.bar
    if bar.__class__ not in _PLAIN:
        return bar
    if out.__class__ is _ndarray and out.shape:
        everywhere = np.empty(out.shape, out.dtype)
        everywhere.fill(bar)
        return everywhere
    dtype = None if out is None else getattr(out, "dtype", None)
    return (dtype.type if dtype is not None else _float64)(bar)


# -- arrays --------------------------------------------------------------------


def _array_pull(vjps: list | Callable, linear: bool) -> Callable:
    rule_of = functools.partial(functools.partial, vjps) if callable(vjps) else vjps.__getitem__

    def pull(k: int, bar: Any, out: Any, values: tuple, params: dict) -> Any:
        rule = rule_of(k)
        if rule is None:
            return None
        y_bar = bar if bar.__class__ is _ndarray else plain(bar, out)
        part = rule(y_bar, out, *values, **params)
        if part.__class__ is Masked:
            return part
        part = match(part, values[k])
        if linear and bar.__class__ is Masked:
            # A linear row that adds up entries hands on zeros where all of them are.
            kept = rule(_row("where")(bar.keep, 1.0, 0.0), out, *values, **params)
            return Masked(part, _row("greater")(kept, 0))
        return part

    return pull


def _array_push(primitive: Primitive, jvp: str | Callable | None) -> Callable:
    """Return the push rule; its result has the shape and dtype of the output."""
    if callable(jvp):
        return lambda dots, out, values, params: match(
            jvp([None if d is None else plain(d, out) for d in dots], out, *values, **params), out
        )
    if jvp == "linear":
        return lambda dots, out, values, params: primitive(
            *[_tangent(dot, x) for dot, x in zip(dots, values, strict=True)], **params
        )
    if jvp is None:
        return _transposed_push(primitive)
    assert jvp == "multilinear", f"{primitive.name}: unknown kind of JVP {jvp!r}"

    def push(dots: list, out: Any, values: tuple, params: dict) -> Any:
        total = None
        for k, dot in enumerate(dots):
            if dot is not None:
                dot = plain(dot, values[k])
                part = primitive(*values[:k], dot, *values[k + 1 :], **params)
                total = part if total is None else added(total, part)
        return total

    return push


def added(total: Any, part: Any) -> Any:
    """Add to a total that is our own, in its memory where both are arrays of one kind."""
    if total.__class__ is part.__class__ is _ndarray:
        if total.shape == part.shape and total.dtype is part.dtype:
            total += part
            return total
    return total + part


def _transposed_push(primitive: Primitive) -> Callable:
    """The JVP from the VJPs: each is linear in its cotangent, and transposed gives the JVP."""

    def push(dots: list, out: Any, values: tuple, params: dict) -> Any:
        total = None
        for k, dot in enumerate(dots):
            if dot is None:
                continue
            rule = functools.partial(_pull_of, primitive, k, out, values, params)
            zero = np.zeros(shape_of(out), out.dtype)
            part = pull_through(rule, 0, plain(dot, values[k]), [zero])
            if part is not None:
                part = plain(part, out)
                total = part if total is None else total + part
        return total

    return push


def _pull_of(primitive: Primitive, k: int, out: Any, values: tuple, params: dict, bar: Any) -> Any:
    assert primitive.pull is not None
    return plain(primitive.pull(k, bar, out, values, params))


def _tangent(dot: Any, x: Any) -> Any:
    """The tangent of an operand, zeros where it does not move."""
    if dot is None:
        return np.zeros(shape_of(x), getattr(x, "dtype", float))
    return plain(dot, x)
