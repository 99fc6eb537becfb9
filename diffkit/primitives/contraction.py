"""Products that sum over shared axes: matmul, outer, tensordot, einsum.

Each is linear in every operand by itself ("multilinear"), so its JVP is the
operation itself with one operand replaced by its tangent, summed over operands.
"""

import math
import string
from functools import lru_cache

import numpy as np

from ..core.tracing import shape_of
from ..errors import ShapeError, user_line
from .rules import array_row
from .shaping import inverse_order, reshape, transpose

_GILES = "Giles, Collected matrix derivative results (2008), section 2.1"


def _swapped(x):
    """Transpose the last two axes."""
    return transpose(x, axes=_swapping(x.ndim))


@lru_cache(maxsize=64)
def _swapping(ndim):
    return (*range(ndim - 2), ndim - 1, ndim - 2)


def _matmul_vjp_left(bar, y, a, b):
    """a_bar = y_bar b^T."""
    if a.ndim == 1 and b.ndim == 1:
        return bar * b
    if b.ndim == 1:
        return reshape(bar, shape=(*bar.shape, 1)) * b
    if a.ndim == 1:
        return matmul(b, reshape(bar, shape=(*bar.shape, 1)))[..., 0]
    return matmul(bar, _swapped(b))


def _matmul_vjp_right(bar, y, a, b):
    """b_bar = a^T y_bar."""
    if a.ndim == 1 and b.ndim == 1:
        return bar * a
    if a.ndim == 1:
        return reshape(a, shape=(a.shape[0], 1)) * reshape(
            bar, shape=(*bar.shape[:-1], 1, bar.shape[-1])
        )
    if b.ndim == 1:
        column = bar if a.ndim == 2 else reshape(bar, shape=(*bar.shape, 1))
        part = matmul(_swapped(a), column)
        return part if a.ndim == 2 else part[..., 0]
    return matmul(_swapped(a), bar)


def _matmul_shape(a, b):
    """Vectors are a row on the left, a column on the right, and lose that axis again."""
    if not a.ndim or not b.ndim:
        raise ValueError("a scalar has no axis to sum over; multiply with *")
    left = a.shape if a.ndim > 1 else (1, *a.shape)
    right = b.shape if b.ndim > 1 else (*b.shape, 1)
    if left[-1] != right[-2]:
        raise ValueError(f"the summed axes have lengths {left[-1]} and {right[-2]}")
    batch = np.broadcast_shapes(left[:-2], right[:-2])
    return (*batch, *left[-2:-1][: a.ndim - 1], *right[-1:][: b.ndim - 1])


matmul = array_row(
    "matmul",
    lambda a, b: a @ b,
    [_matmul_vjp_left, _matmul_vjp_right],
    "multilinear",
    form="{0} @ {1}",
    shape=_matmul_shape,
    source=_GILES,
    examples=(
        (((3,), (3,)), {}),
        (((2, 3), (3,)), {}),
        (((2,), (2, 3)), {}),
        (((2, 3), (3, 2)), {}),
        (((2, 1, 2, 3), (2, 3, 1)), {}),
        (((2,), (2, 2, 3)), {}),
        (((2, 2, 3), (3,)), {}),
    ),
)

outer = array_row(
    "outer",
    np.outer,
    [
        lambda bar, y, a, b: reshape(matmul(bar, reshape(b, shape=(b.size,))), shape=shape_of(a)),
        lambda bar, y, a, b: reshape(matmul(reshape(a, shape=(a.size,)), bar), shape=shape_of(b)),
    ],
    "multilinear",
    shape=lambda a, b: (a.size, b.size),
    source=_GILES,
    examples=((((2,), (3,)), {}), (((2, 2), (3,)), {})),
)


# -- tensordot ---------------------------------------------------------------------


def _free(x, contracted):
    return [i for i in range(x.ndim) if i not in contracted]


def _tensordot_vjp(k, bar, y, a, b, *, axes):
    """Contract the cotangent with the other operand's free axes, and reorder."""
    mine, other = axes[k], axes[1 - k]
    x, partner = (a, b) if k == 0 else (b, a)
    partner_free = _free(partner, other)
    count = len(partner_free)
    bar_axes = range(bar.ndim - count, bar.ndim) if k == 0 else range(count)
    part = tensordot(bar, partner, axes=(tuple(bar_axes), tuple(partner_free)))
    by_position = sorted(range(len(other)), key=lambda i: other[i])
    order = _free(x, mine) + [mine[i] for i in by_position]
    return transpose(part, axes=inverse_order(order))


def _tensordot_shape(a, b, *, axes):
    for i, j in zip(*axes, strict=True):
        if a.shape[i] != b.shape[j]:
            raise ValueError(f"the summed axes have lengths {a.shape[i]} and {b.shape[j]}")
    kept = [x.shape[i] for x, summed in zip((a, b), axes, strict=True) for i in _free(x, summed)]
    return tuple(kept)


tensordot = array_row(
    "tensordot",
    lambda a, b, *, axes: np.tensordot(a, b, axes),
    _tensordot_vjp,
    "multilinear",
    shape=_tensordot_shape,
    source=_GILES,
    examples=(
        (((2, 3), (3, 2)), {"axes": ((1,), (0,))}),
        (((2, 3, 2), (2, 3)), {"axes": ((0, 1), (0, 1))}),
        (((2, 3), (3, 2)), {"axes": ((0, 1), (1, 0))}),
        (((2,), (3,)), {"axes": ((), ())}),
    ),
)


# -- einsum ------------------------------------------------------------------------


def _einsum_vjp(k, bar, y, *xs, subscripts):
    """Swap the operand with the output; what it alone summed is repeated.

    An axis letter of the operand that nothing else carries comes from a vector
    of ones; a letter twice in the operand (a diagonal) from an identity matrix.
    """
    transposed, helpers = _transposed(k, subscripts, tuple(map(shape_of, xs)))
    operands = [x for i, x in enumerate(xs) if i != k]
    operands += [make(n, dtype=xs[k].dtype) for make, n in helpers]
    return einsum(bar, *operands, subscripts=transposed)


@lru_cache(maxsize=1024)
def _transposed(k, subscripts, shapes):
    """Subscripts for the cotangent and the other operands, and what else it takes."""
    left, out = subscripts.split("->")
    terms = left.split(",")
    sizes = _sizes(terms, shapes)
    mine, others = terms[k], [term for i, term in enumerate(terms) if i != k]
    helpers, target, spare = [], "", iter(_unused(left))
    for position, letter in enumerate(mine):
        if letter in mine[:position]:
            new = next(spare)
            others.append(letter + new)
            helpers.append((np.eye, sizes[letter]))
            letter = new
        elif letter not in out + "".join(others):
            others.append(letter)
            helpers.append((np.ones, sizes[letter]))
        target += letter
    return f"{','.join([out, *others])}->{target}", helpers


def _sizes(terms, shapes):
    sizes = {}
    for term, shape in zip(terms, shapes, strict=True):
        for letter, n in zip(term, shape, strict=True):
            sizes[letter] = sizes.get(letter, 1) if n == 1 else n
    return sizes


@lru_cache(maxsize=1024)
def _work(subscripts, shapes):
    """Multiplications that a plain loop over all letters takes."""
    return math.prod(_sizes(subscripts.split("->")[0].split(","), shapes).values())


def _einsum_shape(*xs, subscripts):
    left, out = subscripts.split("->")
    terms = left.split(",")
    sizes = _sizes(terms, [x.shape for x in xs])
    for term, x in zip(terms, xs, strict=True):
        for letter, n in zip(term, x.shape, strict=True):
            if n not in (1, sizes[letter]):
                raise ValueError(f"the axes {letter!r} have lengths {n} and {sizes[letter]}")
    return tuple(sizes[letter] for letter in out)


def _unused(text):
    return [letter for letter in string.ascii_letters if letter not in text]


def _einsum(*xs, subscripts):
    # BLAS for pairs is worth the planning only when there is something to do.
    planned = len(xs) > 2 or _work(subscripts, tuple(map(shape_of, xs))) > 100_000
    return np.einsum(subscripts, *xs, optimize=planned)


einsum = array_row(
    "einsum",
    _einsum,
    _einsum_vjp,
    "multilinear",
    shape=_einsum_shape,
    source="linear in each operand: Laue, Mitterreiter, Giesen (2020), theorem 8",
    objects=lambda scalar, *xs, subscripts: np.einsum(subscripts, *xs),
    examples=(
        (((2, 3), (3, 2)), {"subscripts": "ij,jk->ik"}),
        (((3, 3),), {"subscripts": "ii->"}),
        (((3, 3), (3,)), {"subscripts": "ii,i->i"}),
        (((2, 3),), {"subscripts": "ij->j"}),
        (((2,), (2,), (3,)), {"subscripts": "i,i,k->k"}),
    ),
)


def lettered(arguments):
    """einsum(a, [0, 1], b, [1, 2], [0, 2]) with its subscripts in letters: "AB,BC->AC"."""
    count = len(arguments) // 2
    terms = [_letters(axes) for axes in arguments[1 : 2 * count : 2]]
    arrow = f"->{_letters(arguments[-1])}" if len(arguments) % 2 else ""
    return ",".join(terms) + arrow, arguments[: 2 * count : 2]


_LABELS = string.ascii_uppercase + string.ascii_lowercase  # sorted, as NumPy sorts the numbers


def _letters(axes):
    return "".join(["..." if axis is Ellipsis else _LABELS[axis] for axis in axes])


def explicit_subscripts(subscripts, operands):
    """Write out implicit outputs and ellipses: ``"...i,i"`` becomes ``"ai,i->a"``."""
    return _explicit(subscripts, tuple(x.ndim for x in operands))


@lru_cache(maxsize=1024)
def _explicit(subscripts, ndims):
    subscripts = subscripts.replace(" ", "")
    left, arrow, out = subscripts.partition("->")
    terms = left.split(",")
    spare = _unused(subscripts)
    extra = [
        ndim - len(t.replace("...", "")) if "..." in t else 0
        for t, ndim in zip(terms, ndims, strict=True)
    ]
    batch = "".join(spare[: max(extra)])
    terms = [t.replace("...", batch[len(batch) - n :]) for t, n in zip(terms, extra, strict=True)]
    if arrow and batch and "..." not in out:
        raise ShapeError(
            f"einsum({subscripts!r}){user_line()}: the operands have axes under '...', the output "
            "has no '...' for them; write it there"
        )
    if not arrow:
        letters = "".join(terms)
        once = sorted(c for c in set(letters) - set(batch) if letters.count(c) == 1)
        out = "..." + "".join(once)
    return f"{','.join(terms)}->{out.replace('...', batch)}"
