"""Operations that move entries about without changing them: all are linear."""

import math

import numpy as np

from ..core.tracing import abstract_of, shape_of
from .rules import array_row, fit

_LINEAR = "linear: the transpose of a selection matrix"


_VIEW_FROM = 10_000  # entries from which a view is cheaper than a copy


def _broadcast_to(x, *, shape):
    if shape_of(x) == ():
        return np.full(shape, x) if shape else x
    if math.prod(shape) >= _VIEW_FROM:
        return np.broadcast_to(x, shape)
    out = np.empty(shape, x.dtype)
    out[...] = x
    return out


def _reshape(x, *, shape):
    return x.reshape(shape) if isinstance(x, np.ndarray) else np.reshape(x, shape)


def _shape_form(names, params):
    return f"{names[0]}.reshape{_tuple(params['shape'])}"


def _tuple(numbers):
    """Print a tuple of sizes as the argument list that one would write."""
    return "(" + ", ".join(map(str, numbers)) + ")"


reshape = array_row(
    "reshape",
    _reshape,
    [lambda bar, y, x, *, shape: reshape(bar, shape=x.shape)],
    "linear",
    form=_shape_form,
    shape=lambda x, shape: shape,
    source=_LINEAR,
    examples=(((6,), {"shape": (2, 3)}), ((2, 3), {"shape": (6,)})),
)


def inverse_order(axes):
    """The order of axes that undoes this one."""
    return tuple(sorted(range(len(axes)), key=axes.__getitem__))


def _transpose_vjp(bar, y, x, *, axes):
    return transpose(bar, axes=inverse_order(axes))


def _transpose_form(names, params):
    axes = params["axes"]
    if axes == tuple(range(len(axes)))[::-1]:
        return f"{names[0]}.T"
    return f"{names[0]}.transpose{_tuple(axes)}"


transpose = array_row(
    "transpose",
    lambda x, *, axes: x.transpose(axes),
    [_transpose_vjp],
    "linear",
    form=_transpose_form,
    shape=lambda x, axes: tuple(x.shape[i] for i in axes),
    source=_LINEAR,
    examples=(((2, 3), {"axes": (1, 0)}), ((2, 3, 1), {"axes": (1, 2, 0)})),
)

broadcast_to = array_row(
    "broadcast_to",
    _broadcast_to,
    [lambda bar, y, x, *, shape: fit(bar, shape_of(x))],
    "linear",
    shape=lambda x, shape: shape,
    source="linear: its transpose sums what was repeated",
    examples=(((3,), {"shape": (2, 3)}), ((2, 1), {"shape": (2, 3)}), ((), {"shape": (2,)})),
)


def _concatenate_vjp(k, bar, y, *xs, axis):
    """Each operand takes back its own stretch."""
    start = sum(x.shape[axis] for x in xs[:k])
    stretch = slice(start, start + xs[k].shape[axis])
    return getitem(bar, index=(slice(None),) * axis + (stretch,))


concatenate = array_row(
    "concatenate",
    lambda *xs, axis: np.concatenate(xs, axis),
    _concatenate_vjp,
    "linear",
    source=_LINEAR,
    examples=((((2,), (3,)), {"axis": 0}), (((2, 1), (2, 2)), {"axis": 1})),
)


def _stack_vjp(k, bar, y, *xs, axis):
    return getitem(bar, index=(slice(None),) * axis + (k,))


stack = array_row(
    "stack",
    lambda *xs, axis: np.stack(xs, axis),
    _stack_vjp,
    "linear",
    source=_LINEAR,
    examples=((((2,), (2,)), {"axis": 0}), (((), ()), {"axis": 0}), (((2,), (2,)), {"axis": 1})),
)


# -- indexing --------------------------------------------------------------------


def _index_form(names, params):
    return f"{names[0]}[{index_text(params['index'])}]"


def index_text(index):
    """Print an index the way it is written between brackets."""
    if not isinstance(index, tuple):
        index = (index,)
    return ", ".join(map(_one_index_text, index)) or "()"


def _one_index_text(part):
    if isinstance(part, slice):
        ends = ["" if end is None else str(end) for end in (part.start, part.stop, part.step)]
        return ":".join(ends if ends[2] else ends[:2])
    if part is Ellipsis:
        return "..."
    if isinstance(part, np.ndarray):
        told = str(part.tolist())
        return told if len(told) < 40 else f"<{'x'.join(map(str, part.shape))} {part.dtype}>"
    return str(part)


getitem = array_row(
    "getitem",
    lambda x, *, index: x[index],
    [lambda bar, y, x, *, index: scatter(bar, shape=x.shape, index=index)],
    "linear",
    form=_index_form,
    source=_LINEAR,
    examples=(
        ((4,), {"index": 1}),
        ((4, 3), {"index": (slice(None, None, 2), None, -1)}),
        ((4,), {"index": (np.array([0, 0, 3]),)}),
        ((2, 2), {"index": (np.array([[True, False], [True, True]]),)}),
    ),
)


def _scatter(values, *, shape, index):
    """Zeros, with values added at index; an entry indexed twice receives both."""
    out = np.zeros(shape, np.asarray(values).dtype)
    if is_basic(index) or _is_mask(index):
        out[index] = values
    else:
        np.add.at(out, index, values)
    return out


def _is_mask(index):
    """Say whether an index names no entry twice: all its arrays are masks."""
    parts = index_parts(index)
    return all(np.asarray(p).dtype == bool for p in parts if isinstance(p, (np.ndarray, list)))


scatter = array_row(
    "scatter",
    _scatter,
    [lambda bar, y, values, *, shape, index: getitem(bar, index=index)],
    "linear",
    shape=lambda values, shape, index: shape,
    source="linear: the transpose of indexing",
    examples=(
        ((), {"shape": (4,), "index": 1}),
        ((3,), {"shape": (4,), "index": (np.array([0, 0, 3]),)}),
    ),
)


# -- what shares memory in NumPy ---------------------------------------------------


AT_ONCE = frozenset({int, slice, type(None), type(Ellipsis)})  # indices that nobody can change
_COPYING = (np.ndarray, list, bool, np.bool_)


def index_parts(index):
    """Return an index as the tuple of its parts."""
    return index if isinstance(index, tuple) else (index,)


def is_basic(index):
    """Indexing by whole numbers and slices gives a view, by arrays a copy."""
    if index.__class__ in AT_ONCE:
        return True
    for part in index if isinstance(index, tuple) else (index,):  # asked too often for a call
        if isinstance(part, _COPYING):
            return False
    return True


getitem.view = lambda params: is_basic(params["index"])
for _row in (reshape, transpose, broadcast_to):
    _row.view = lambda params: True


# -- assignment --------------------------------------------------------------------


def _set_at(x, value, *, index):
    out = np.array(x)
    out[index] = value
    return out


def _set_at_push(dots, y, x, value, *, index):
    x_dot, value_dot = dots
    if x_dot is None:
        x_dot = np.zeros(x.shape, x.dtype)
    return set_at(x_dot, 0.0 if value_dot is None else value_dot, index=index)


set_at = array_row(
    "set_at",
    _set_at,
    [
        lambda bar, y, x, value, *, index: set_at(bar, 0.0, index=index),
        lambda bar, y, x, value, *, index: fit(getitem(bar, index=index), shape_of(value)),
    ],
    _set_at_push,
    form=lambda names, params: f"{names[0]} with [{index_text(params['index'])}] = {names[1]}",
    shape=lambda x, value, index: abstract_of(x),
    source="linear: the entries assigned to take no part in x, the others none in the value",
    examples=(
        (((4,), ()), {"index": 1}),
        (((4, 3), (3,)), {"index": (slice(None, None, 2),)}),
        (((4,), (2,)), {"index": (np.array([3, 0]),)}),
        (((2, 2), ()), {"index": (np.array([[True, False], [True, True]]),)}),
    ),
)


def _add_at(x, value, *, index):
    out = np.array(x)
    if is_basic(index):
        out[index] += value
    else:
        np.add.at(out, index, value)
    return out


def _add_at_push(dots, y, x, value, *, index):
    x_dot, value_dot = dots
    if x_dot is None:
        x_dot = np.zeros(x.shape, x.dtype)
    return x_dot if value_dot is None else add_at(x_dot, value_dot, index=index)


# x + scatter(value), without the array of zeros: how replays add up what was taken apart.
add_at = array_row(
    "add_at",
    _add_at,
    [
        lambda bar, y, x, value, *, index: bar,
        lambda bar, y, x, value, *, index: fit(getitem(bar, index=index), shape_of(value)),
    ],
    _add_at_push,
    form=lambda names, params: f"{names[0]} with [{index_text(params['index'])}] += {names[1]}",
    shape=lambda x, value, index: abstract_of(x),
    source="linear: the identity, and the transpose of indexing",
    examples=(
        (((4,), ()), {"index": 1}),
        (((4, 3), (2, 3)), {"index": (slice(None, None, 2),)}),
        (((4,), (3,)), {"index": (np.array([3, 0, 3]),)}),
    ),
)
