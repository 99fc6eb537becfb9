"""What the table-wide tests share: points to try, witnesses, and checks that name faults.

A check is given a row and returns a list of sentences, one a fault; a test asserts that
the list is empty. So the same check can be shown a row with a planted fault.
"""

import inspect
import itertools
import math
from functools import cache

import mpmath
import numpy as np
import sympy as sp

import diffkit as dk
from diffkit.core.primitive import Primitive
from diffkit.core.tracing import abstract_of
from diffkit.primitives import PRIMITIVES

ROWS = list(PRIMITIVES.values())
DIFFERENTIABLE = [row for row in ROWS if row.pull is not None]
ELEMENTWISE = [row for row in DIFFERENTIABLE if row.partials]
ARRAYS = [row for row in DIFFERENTIABLE if not row.partials]
EXAMPLES = [(row, example) for row in ROWS for example in row.examples]


def name_of(thing):
    """A test id: the row's name, or what its example is made of."""
    if isinstance(thing, Primitive):
        return thing.name
    if not isinstance(thing, tuple):
        return None  # pytest's own id
    shapes, params = thing
    items = [shapes] if is_shape(shapes) else [getattr(s, "shape", s) for s in shapes]
    told = [str(item) for item in items]
    told += [f"{k}={getattr(v, '__name__', v)}" for k, v in params.items()]
    return ",".join(told).replace(" ", "")


def random(*key):
    """A generator seeded by what it is for, so that every test stands alone."""
    return np.random.default_rng(list(":".join(map(str, key)).encode()))


def twin(row, **changes):
    """A copy of a row with some attributes replaced: a place to plant a fault."""
    copy = Primitive.__new__(Primitive)
    copy.__dict__.update(row.__dict__, bare=(copy, {}), **changes)
    return copy


# -- points to try -----------------------------------------------------------------


def bounds(interval):
    """A finite piece of a domain, away from its ends."""
    low, high = interval
    if math.isinf(low):
        low = -2.0 if math.isinf(high) else high - 3.0
    if math.isinf(high):
        high = low + 4.0
    margin = 0.05 * (high - low)
    return low + margin, high - margin


def point(row, rng, shapes=None):
    """Operands inside the domain, away from kinks; whole numbers where there is no rule."""
    shapes = [()] * len(row.domain) if shapes is None else shapes
    for _ in range(1000):
        xs = [
            (inside if moves else whole_numbers)(interval, rng, shape)
            for interval, moves, shape in zip(row.domain, moving(row), shapes, strict=True)
        ]
        if distance_to_kinks(row, xs) > 0.05:
            return xs
    raise AssertionError(f"{row.name}: no point away from its kinks")


def inside(interval, rng, shape):
    """Random numbers in a domain."""
    return np.asarray(rng.uniform(*bounds(interval), shape))[()]


def whole_numbers(interval, rng, shape):
    """Random whole numbers in a domain."""
    low, high = bounds(interval)
    return np.asarray(rng.integers(math.ceil(low), math.floor(high) + 1, shape))[()]


def distance_to_kinks(row, xs):
    if callable(row.kinks):
        return np.min(np.abs(row.kinks(*xs)))
    if isinstance(row.kinks, tuple) and row.kinks:
        return min(np.min(np.abs(xs[0] - kink)) for kink in row.kinks)
    return math.inf


def moving(row):
    """Which operands of an elementwise row have a rule: the others are named in its place."""
    return [not isinstance(partial, str) for partial in row.partials]


def filled(xs, moves, values):
    """The operands, with new values for those that move."""
    all_ = list(xs)
    for i, value in zip(moves, values, strict=True):
        all_[i] = value
    return all_


def is_shape(shapes):
    return isinstance(shapes, tuple) and all(isinstance(n, int) for n in shapes)


def operands(row, example, rng):
    """Arrays for an example: every entry differs clearly from the others, and from 0."""
    shapes, params = example
    items = (shapes,) if is_shape(shapes) else shapes
    sizes = [math.prod(item) if isinstance(item, tuple) else 0 for item in items]
    total = sum(sizes)
    entries = rng.permutation(np.linspace(0.5, 1.5, total)) * rng.choice([-1, 1], total)
    pieces = np.split(entries, np.cumsum(sizes)[:-1])
    return [
        piece.reshape(item)[()] if isinstance(item, tuple) else item
        for item, piece in zip(items, pieces, strict=True)
    ], params


# -- witness: SymPy and mpmath -------------------------------------------------------


def formula(row, symbols, params=None):
    """The row's SymPy form."""
    if isinstance(row.sympy, str):
        return getattr(sp, row.sympy)(*symbols)
    return row.sympy(sp, *symbols, **(params or {}))


def _heaviside(x, at_zero=0.5):
    return at_zero if x == 0 else mpmath.mpf(x > 0)


def _delta(x, order=0):
    assert x != 0, "a test point lies on a kink"
    return mpmath.mpf(0)


_MPMATH = [{"Heaviside": _heaviside, "DiracDelta": _delta, "Max": max, "Min": min}, "mpmath"]


def numbers(expression, symbols, values, digits):
    """Evaluate an expression, or a list of them, with many digits."""
    with mpmath.workdps(digits):
        return sp.lambdify(symbols, expression, _MPMATH)(*[mpmath.mpf(float(v)) for v in values])


@cache
def derivatives(sympy, fixed):
    """Value, first and second derivatives of a SymPy form: {orders: expression}.

    `fixed` has a whole number for an operand without a rule, else None.
    """
    symbols = sp.symbols(f"x:{len(fixed)}", real=True)
    xs = [s if n is None else sp.Integer(n) for s, n in zip(symbols, fixed, strict=True)]
    value = getattr(sp, sympy)(*xs) if isinstance(sympy, str) else sympy(sp, *xs)
    table = {(): value}
    moves = [i for i, n in enumerate(fixed) if n is None]
    for i in moves:
        table[(i,)] = sp.diff(value, symbols[i])
        for j in moves:
            table[(i, j)] = sp.diff(table[(i,)], symbols[j])
    return symbols, table


def expected_derivatives(row, xs, digits=40):
    """What SymPy says of a row at a point: {orders: number}."""
    fixed = [None if moves else int(x) for x, moves in zip(xs, moving(row), strict=True)]
    symbols, table = derivatives(row.sympy, tuple(fixed))
    found = {}
    for orders, expression in table.items():
        if expression.has(sp.Derivative, sp.Subs):
            # SymPy does not differentiate floor; its form is still differentiated, as numbers.
            found[orders] = _numeric_derivative(table[()], symbols, xs, orders)
        else:
            found[orders] = numbers(expression, symbols, xs, digits)
    return found


def _numeric_derivative(expression, symbols, xs, orders):
    f = sp.lambdify(symbols, expression, _MPMATH)
    counts = tuple(orders.count(i) for i in range(len(xs)))
    with mpmath.workdps(40):
        values = [mpmath.mpf(float(x)) for x in xs]
        if len(xs) == 1:
            return mpmath.diff(f, values[0], counts[0])
        return mpmath.diff(f, tuple(values), counts)


# -- witness: finite differences -----------------------------------------------------


def ridders(f, h=0.05, rows=6):
    """The derivative of f(t) at 0 with an error estimate, entry by entry.

    Central differences with halved steps, extrapolated to step 0 (Ridders 1982; Press et
    al., Numerical Recipes, section 5.7).
    """
    table, best, error = [], None, None
    for i in range(rows):
        step = h / 2**i
        line = [(f(step) - f(-step)) / (2 * step)]
        for j in range(i):
            line.append(line[j] + (line[j] - table[i - 1][j]) / (4 ** (j + 1) - 1))
            guess = np.maximum(abs(line[-1] - line[-2]), abs(line[-1] - table[i - 1][j]))
            if best is None:
                best, error = line[-1], guess
            best = np.where(guess < error, line[-1], best)
            error = np.minimum(guess, error)
        table.append(line)
    assert np.all(error < 1e-7 * (1 + abs(best))), "finite differences do not settle here"
    return best, error


def numeric_jacobian(f, xs, h=0.05):
    """The Jacobian of f(*xs) over flattened entries, and its error."""
    columns = []
    for k, x in enumerate(xs):
        for i in range(np.size(x)):
            unit = np.zeros(np.shape(x))
            unit.flat[i] = 1

            def along(t, k=k, x=x, unit=unit):
                return flat(f(*xs[:k], (x + t * unit)[()], *xs[k + 1 :]))

            columns.append(ridders(along, h))
    return tuple(np.stack(part, axis=1) for part in zip(*columns, strict=True))


def flat(values):
    """All entries of an array, or of a tuple of arrays, in one vector."""
    values = values if isinstance(values, (tuple, list)) else (values,)
    return np.concatenate([np.ravel(v) for v in values])


# -- checks --------------------------------------------------------------------------

DIGITS_LOST = 1e-12  # relative: some operations of 1e-16 each, and conditioning of the formulas


def close(found, expected, rtol=DIGITS_LOST, atol=1e-14):
    """Entry by entry; infinities and nan must be in the same places."""
    return np.allclose(np.asarray(found, float), np.asarray(expected, float), rtol, atol, True)


def elementwise_faults(row, xs, digits=40, rtol=DIGITS_LOST, atol=1e-14):
    """Value, partials (reverse and forward) and second derivatives, against SymPy."""
    expected = expected_derivatives(row, xs, digits)
    moves = [i for i, does in enumerate(moving(row)) if does]
    faults = []

    def compare(what, found, orders):
        if not close(found, expected[orders], rtol, atol):
            wanted = mpmath.nstr(expected[orders], 17)
            faults.append(
                f"{row.name}{tuple(map(float, xs))}: {what} {float(found)!r}, not {wanted}"
            )

    def f(*values):
        return row(*values)

    compare("value", row(*xs), ())
    for i in moves:
        compare(f"partial {i}", dk.grad(f, i)(*xs), (i,))
        # The others are constants here; a whole number must not become a tracer.
        only = [np.float64(1.0)]
        y_dot = dk.jvp(lambda x, i=i: f(*xs[:i], x, *xs[i + 1 :]), (xs[i],), tuple(only))[1]
        compare(f"tangent {i}", y_dot, (i,))
        for j in moves:
            compare(f"second partial {i}, {j}", dk.grad(dk.grad(f, i), j)(*xs), (i, j))
    return faults


def broadcast_faults(row, shapes, rng):
    """Gradients of a sum over broadcast operands, against finite differences."""
    xs = point(row, rng, shapes)
    moves = [i for i, does in enumerate(moving(row)) if does]
    return derivative_faults(row.name, row, xs, moves, rng, h=1e-3)


def derivative_faults(name, f, xs, moves, rng, h=0.05):
    """VJP and JVP of f, and the JVP of its VJP, against finite differences.

    Also the shapes, and <y_bar, J x_dot> = <J^T y_bar, x_dot>, which holds to rounding.
    """

    def of_moving(*values):
        return f(*filled(xs, moves, values))

    primals = [xs[i] for i in moves]
    x_dot = [rng.uniform(-1, 1, np.shape(x))[()] for x in primals]
    y_bar = rng.uniform(-1, 1, np.shape(of_moving(*primals)))[()]

    def pulled(*values):
        return dk.vjp(of_moving, *values)[1](y_bar)

    x_bar = pulled(*primals)
    y, y_dot = dk.jvp(of_moving, tuple(primals), tuple(x_dot))
    faults = [
        f"{name}: the cotangent has shape {np.shape(b)}, its operand {np.shape(x)}"
        for b, x in zip(x_bar, primals, strict=True)
        if np.shape(b) != np.shape(x)
    ]
    if np.shape(y_dot) != np.shape(y):
        faults.append(f"{name}: the tangent has shape {np.shape(y_dot)}, the result {np.shape(y)}")
    if faults:
        return faults

    def compare(what, found, numeric, error):
        allowed = 1e-9 * (1 + abs(numeric)) + 20 * error
        if not np.all(abs(flat(found) - numeric) <= allowed):
            faults.append(f"{name}: {what} {flat(found)}, finite differences {numeric}")

    jacobian, error = numeric_jacobian(of_moving, primals, h)
    y_bar_, x_dot_ = np.ravel(y_bar), flat(x_dot)
    compare("VJP", x_bar, y_bar_ @ jacobian, abs(y_bar_) @ error)
    compare("JVP", y_dot, jacobian @ x_dot_, error @ abs(x_dot_))
    left, right = y_bar_ @ flat(y_dot), flat(x_bar) @ x_dot_
    if abs(left - right) > 1e-12 * (1 + abs(y_bar_) @ abs(flat(y_dot))):
        faults.append(f"{name}: <y_bar, J x_dot> is {left}, <J^T y_bar, x_dot> is {right}")

    jacobian, error = numeric_jacobian(pulled, primals, h)
    moved = dk.jvp(pulled, tuple(primals), tuple(x_dot))[1]
    compare("JVP of the VJP", moved, jacobian @ x_dot_, error @ abs(x_dot_))
    back = dk.vjp(pulled, *primals)[1](tuple(x_dot))
    compare("VJP of the VJP", back, x_dot_ @ jacobian, abs(x_dot_) @ error)
    return faults


def example_faults(row, example):
    """An example of an array row, against finite differences."""
    rng = random(row.name, name_of(example))
    xs, params = operands(row, example, rng)
    moves = [i for i, x in enumerate(xs) if np.asarray(x).dtype.kind == "f"]
    return derivative_faults(row.name, lambda *v: row(*v, **params), xs, moves, rng)


def over_objects(row, values, params):
    """Evaluate a row over object arrays, as its columns say."""

    def entrywise(row, count, params):
        return np.frompyfunc(lambda *xs: formula(row, xs, params), count, 1, identity=None)

    def scalar(name):
        return entrywise(PRIMITIVES[name], len(PRIMITIVES[name].domain), {})

    if row.objects is not None:
        return row.objects(scalar, *values, **params)
    if row.sympy is not None:
        return entrywise(row, len(values), params)(*values)
    return row.numpy(*values, **params)


def symbolic_faults(row, example):
    """The Jacobian of an example, against SymPy's of the row run over symbols."""
    xs, params = operands(row, example, random(row.name, name_of(example)))
    moves = [i for i, x in enumerate(xs) if np.asarray(x).dtype.kind == "f"]
    objects, symbols, values = list(xs), [], []
    for i in moves:
        own = sp.symbols(f"x{i}_:{np.size(xs[i])}", real=True)
        objects[i] = np.array(own, dtype=object).reshape(np.shape(xs[i]))[()]
        symbols += own
        values += np.ravel(xs[i]).tolist()
    try:
        over = over_objects(row, objects, params)
    except dk.errors.SymbolicError:
        return []  # the row chooses by value, and says that symbols have none
    entries = [sp.sympify(entry) for entry in np.ravel(np.asarray(over))]
    expected = numbers(
        [entries, *[[sp.diff(entry, s) for s in symbols] for entry in entries]], symbols, values, 40
    )
    y = row(*xs, **params)
    found = dk.jacobian(lambda *v: row(*filled(xs, moves, v), **params), tuple(range(len(moves))))
    blocks = found(*[xs[i] for i in moves])
    matrix = np.concatenate([np.reshape(b, (np.size(y), -1)) for b in blocks], axis=1)
    faults = []
    if not close(np.ravel(y), expected[0]):
        faults.append(f"{row.name}: value {y}, SymPy {expected[0]}")
    if not close(matrix, expected[1:]):
        faults.append(f"{row.name}: Jacobian {matrix}, SymPy {expected[1:]}")
    return faults


def dtype_faults(name, f, xs, moves):
    """float32 operands get float32 gradients, whatever the constants beside them."""
    faults = []
    for i, others in itertools.product(moves, (np.float32, np.float64)):
        values = [
            x if j not in moves else np.asarray(x, np.float32 if i == j else others)[()]
            for j, x in enumerate(xs)
        ]

        def total(x, i=i, values=values):
            return np.sum(f(*values[:i], x, *values[i + 1 :]))

        slope = dk.grad(total)(values[i])
        y_dot = dk.jvp(total, (values[i],), (np.ones_like(values[i]),))
        if slope.dtype != np.float32:
            faults.append(f"{name}: operand {i} among {others.__name__}: gradient {slope.dtype}")
        if y_dot[1].dtype != y_dot[0].dtype:
            faults.append(f"{name}: tangent {y_dot[1].dtype} of a result {y_dot[0].dtype}")
    return faults


def abstract_faults(row, xs, params=None):
    """Shape and dtype without values are those that NumPy gives."""
    params = params or {}
    with np.errstate(all="ignore"):
        wanted = abstract_of(row.numpy(*xs, **params))
    weak = (bool, int, float)  # Python's numbers have no dtype of their own
    known = [x if type(x) in weak else abstract_of(x) for x in xs]
    found = row.abstract(*known, **params)
    if found == wanted:
        return []
    return [f"{row.name} of {known} {params}: {found}, NumPy {wanted}"]


def operand_count(row):
    """How many operands an elementwise row takes."""
    if row.domain:
        return len(row.domain)
    return getattr(row.numpy, "nin", None) or len(inspect.signature(row.numpy).parameters)


def kink_faults(row, rng):
    """Where a row says its derivative jumps, its value or a partial really does."""
    places = list(_kinks(row, rng))
    if not places:
        return [f"{row.name}: its kinks are nowhere"]
    faults = []
    for xs, i in places:
        before, after = [_tried(row, xs, i, side * 1e-6) for side in (-1, 1)]
        if np.max(np.abs(before - after)) < 1e-3:
            faults.append(f"{row.name}: no jump at {xs} along operand {i}")
    return faults


def _tried(row, xs, i, shift):
    xs = [x + shift if j == i else x for j, x in enumerate(xs)]
    slopes = [dk.grad(row.__call__, j)(*xs) for j, does in enumerate(moving(row)) if does]
    return np.array([row(*xs), *slopes])


def _kinks(row, rng):
    """Points on kinks, and the operand along which they are crossed."""
    if not callable(row.kinks):
        yield from [([np.float64(kink)], 0) for kink in row.kinks]
        return
    for i, interval in enumerate(row.domain):
        xs = point(row, rng)
        low, high = bounds(interval)

        def along(t, xs=xs, i=i):
            return row.kinks(*xs[:i], np.float64(t), *xs[i + 1 :])

        grid = np.linspace(low, high, 400)
        for left, right in itertools.pairwise(grid):
            if along(left) * along(right) < 0:
                yield [*xs[:i], np.float64(_bisected(along, left, right)), *xs[i + 1 :]], i


def _bisected(f, left, right):
    for _ in range(60):
        middle = (left + right) / 2
        left, right = (middle, right) if f(left) * f(middle) > 0 else (left, middle)
    return right
