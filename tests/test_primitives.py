"""Laws that every row of the table obeys, tried on all of them.

Points are random with a seed made from the row's name; a row is tried the moment it is
written. Expected values come from SymPy and mpmath (through the row's SymPy form, a column
that the derivative rules do not read) and from finite differences.
"""

import numpy as np
import pytest
from scipy import special

import diffkit as dk
from diffkit.errors import NotDifferentiable
from diffkit.primitives import PRIMITIVES

from .table import (
    ARRAYS,
    DIFFERENTIABLE,
    ELEMENTWISE,
    EXAMPLES,
    ROWS,
    abstract_faults,
    broadcast_faults,
    dtype_faults,
    elementwise_faults,
    is_shape,
    kink_faults,
    moving,
    name_of,
    operand_count,
    operands,
    point,
    random,
    twin,
)

pytestmark = pytest.mark.filterwarnings("ignore::diffkit.errors.ZeroGradientWarning")

SEVERAL = [row for row in ELEMENTWISE if len(row.partials) > 1]
KINKED = [row for row in ELEMENTWISE if row.kinks and not isinstance(row.kinks, str)]
# A guard answers with its operand, or raises (tests/test_protocol.py); rows with several
# results, and picking one of them, are tried through the functions made of them.
# Transforms and Lambert's W have complex results: tests/test_fft.py, tests/test_special.py.
UNTRIED = {"guard", "pick", "fft", "ifft", "rfft", "lambertw"}
UNTRIED |= {row.name for row in PRIMITIVES.values() if row.several}


# -- the columns -------------------------------------------------------------------


@pytest.mark.parametrize("name", PRIMITIVES)
def test_every_row_is_complete(name):
    """A row stands under its name; a derivative has a source, and something to try it on."""
    row = PRIMITIVES[name]
    assert row.name == name
    if row.pull is None:
        return
    assert row.push is not None
    assert row.source
    if row.elementwise:
        assert row.sympy is not None
    if row.partials:
        assert len(row.domain) == len(row.partials)
        assert all(low < high for low, high in row.domain)
    else:
        assert row.examples or name in UNTRIED


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_examples_can_be_read(row):
    """An example is (shapes, params): one shape, or a tuple of shapes and arrays."""
    for shapes, params in row.examples:
        assert isinstance(params, dict)
        items = (shapes,) if is_shape(shapes) else shapes
        assert all(isinstance(item, np.ndarray) or is_shape(item) for item in items)


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_a_row_survives_pickling_as_itself(row):
    """Programs are pickled; their rows are found again by name."""
    function, arguments = row.__reduce__()
    assert function(*arguments) is row


# -- derivatives -------------------------------------------------------------------


@pytest.mark.parametrize("trial", range(3))
@pytest.mark.parametrize("row", ELEMENTWISE, ids=name_of)
def test_derivatives_are_sympys(row, trial):
    """Value, first and second derivatives are those of the row's SymPy form."""
    assert not elementwise_faults(row, point(row, random(row.name, trial)))


EXTREMES = [
    ("tanh", 25.0), ("tanh", -25.0), ("tanh", 1e-9), ("tanh", 300.0), ("tanh", 720.0),
    ("sech", 25.0), ("sech", -720.0), ("sigmoid", 40.0), ("sigmoid", -40.0),
    ("sigmoid", 800.0), ("sigmoid", -700.0), ("sigmoid", -800.0),
    ("expm1", -40.0), ("expm1", 1e-12), ("expm1", 40.0), ("log1p", -1 + 1e-10),
    ("log1p", 1e-12), ("exp", -700.0), ("exp2", -1000.0), ("log", 1e-300), ("log2", 1e300),
    ("arcsinh", 1e200), ("arcsinh", -1e200), ("arcsinh", 1e-9), ("arccosh", 1 + 1e-10),
    ("arccosh", 1e100), ("arctanh", 1 - 1e-10), ("arctanh", -1 + 1e-10), ("arctan", 1e70),
    ("arcsin", 1 - 1e-10), ("arcsin", -1 + 1e-10), ("arccos", 1 - 1e-10), ("tan", 1.5707),
    ("sinc", 1e-9), ("sinc", 1e-4), ("sinc", 0.3), ("sinc", 1.2), ("sinc", 25.3),
    ("sqrt", 1e-200), ("cbrt", 1e-100), ("reciprocal", 1e-100), ("reciprocal", 1e100),
    ("logaddexp", 1e8, 1e8 + 1), ("logaddexp", -1e8, -1e8 - 2), ("logaddexp", 0.0, 800.0),
    ("logaddexp", 800.0, 0.0), ("logaddexp", 0.0, -40.0), ("logaddexp2", 1e8, 1e8 + 1),
    ("logaddexp2", 0.0, -1000.0), ("hypot", 1e200, 1e200), ("hypot", 1e-200, 1e-200),
    ("arctan2", 1e200, 1e200), ("arctan2", 1e-9, 1.0),
    ("arctan2", 1e-9, -1.0), ("power", 1e-20, 0.5), ("power", 1 + 1e-12, 1e9),
    ("divide", 1e-200, 1e-100), ("remainder", 1e9 + 0.25, 1.0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "xs"), [(n, xs) for n, *xs in EXTREMES], ids=map(str, EXTREMES))
def test_digits_survive_where_naive_formulas_lose_them(name, xs):
    """Far out, near the ends of domains and near removable singularities: 12 digits too."""
    assert not elementwise_faults(PRIMITIVES[name], list(map(np.float64, xs)), digits=900, atol=0)


def test_sinc_is_smooth_at_zero():
    """sinc(x) = 1 - (pi x)^2/6 + (pi x)^4/120 - ..., so its derivatives at 0 are known."""
    found, f = [], np.sinc
    for _ in range(5):
        found.append(f(0.0))
        f = dk.grad(f)
    assert found == pytest.approx([1, 0, -(np.pi**2) / 3, 0, np.pi**4 / 5], rel=1e-14, abs=1e-15)


@pytest.mark.parametrize(
    "shapes", [((3, 1), (1, 4)), ((), (3,)), ((1,), (3,)), ((2, 3), (3,))], ids=str
)
@pytest.mark.parametrize("row", SEVERAL, ids=name_of)
def test_gradients_have_the_shape_of_their_operand(row, shapes):
    """What broadcasting repeated is summed; derivatives are those of finite differences."""
    shapes = shapes + ((),) * (len(row.domain) - 2)
    assert not broadcast_faults(row, shapes, random(row.name, shapes))


# -- shapes and dtypes ---------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (3,)], ids=str)
@pytest.mark.parametrize("row", ELEMENTWISE, ids=name_of)
def test_float32_gradients_of_elementwise_rows(row, shape):
    """float32 in, float32 gradient out, also beside float64 constants."""
    xs = point(row, random(row.name), [shape] * len(row.domain))
    moves = [i for i, does in enumerate(moving(row)) if does]
    assert not dtype_faults(row.name, row, xs, moves)


@pytest.mark.parametrize(
    ("row", "example"), [(r, e) for r, e in EXAMPLES if r in ARRAYS], ids=name_of
)
def test_float32_gradients_of_array_rows(row, example):
    """float32 in, float32 gradient out, also beside float64 constants."""
    xs, params = operands(row, example, random(row.name))
    moves = [i for i, x in enumerate(xs) if x.dtype.kind == "f"]
    assert not dtype_faults(row.name, lambda *v: row(*v, **params), xs, moves)


@pytest.mark.parametrize("row", [row for row in ROWS if row.elementwise], ids=name_of)
def test_abstract_values_of_elementwise_rows(row):
    """Shape and dtype without values are NumPy's: dtypes mixed, scalars weak, broadcast."""
    count = operand_count(row)
    bits = row.name.startswith(("bitwise", "invert", "logical"))
    kinds = [bool] if bits else [np.float64, np.float32]
    shapes = [[()] * count, [(2, 3)] * count, [(3, 1), (4,), *[()] * count][:count]]
    whole = row.name == "ldexp"

    def operand(i, kind, shape):
        return np.ones(shape, int if whole and i == 1 else kind)[()]

    for shape in shapes:
        for kind in kinds:
            assert not abstract_faults(row, [operand(i, kind, s) for i, s in enumerate(shape)])
        mixed = [operand(i, kinds[(i + 1) % len(kinds)], s) for i, s in enumerate(shape)]
        assert not abstract_faults(row, mixed)
        if count > 1 and not bits and not whole:
            assert not abstract_faults(row, [mixed[0], *[2.0] * (count - 1)])
            assert not abstract_faults(row, [*[2] * (count - 1), mixed[-1]])


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize(("row", "example"), EXAMPLES, ids=name_of)
def test_abstract_values_of_examples(row, example, kind):
    """Shape and dtype without values are NumPy's, for every example."""
    xs, params = operands(row, example, random(row.name))
    xs = [x.astype(kind) if x.dtype.kind == "f" else x for x in xs]
    assert not abstract_faults(row, xs, params)


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_every_row_can_be_tried(row):
    """The laws about shapes reach every row."""
    assert row.elementwise or row.examples or row.name in UNTRIED


# -- operands without a rule -----------------------------------------------------------


WITHOUT_RULE = [
    (row, i)
    for row in ELEMENTWISE
    for i, partial in enumerate(row.partials)
    if isinstance(partial, str) and row.name != "ldexp"  # which takes no floats there
]


@pytest.mark.parametrize(("row", "i"), WITHOUT_RULE, ids=lambda x: getattr(x, "name", str(x)))
def test_an_operand_without_a_rule_is_refused_by_name(row, i):
    """In both modes differentiating by it is an error that names it, never a silent zero."""
    xs = [np.float64(x) for x in point(row, random(row.name, "refused"))]
    only = lambda x: row(*xs[:i], x, *xs[i + 1 :])
    message = f"^{row.name} has no rule for its derivative by {row.partials[i]} at test_primitives"
    with pytest.raises(NotDifferentiable, match=message):
        dk.grad(only)(xs[i])
    with pytest.raises(NotDifferentiable, match=message):
        dk.jvp(only, (xs[i],), (1.0,))


def test_a_traced_whole_number_may_be_an_order():
    """A position carries no derivative; as an order it asks for no rule."""
    x = np.array([0.3, 2.0, 1.1])
    f = lambda x: special.jv(np.argmax(x), np.sum(x))
    assert dk.grad(f)(x) == pytest.approx(np.full(3, special.jvp(1, x.sum())))
    assert dk.jvp(f, (x,), (np.ones(3),))[1] == pytest.approx(3 * special.jvp(1, x.sum()))


# -- kinks ---------------------------------------------------------------------------


@pytest.mark.parametrize("row", KINKED, ids=name_of)
def test_kinks_are_where_the_derivative_jumps(row):
    """At every kink the value or a partial differs from one side to the other."""
    assert not kink_faults(row, random(row.name))


# -- the checks can fail ---------------------------------------------------------------


def scaled(primitive, factor):
    """A row whose reverse rule is off by a factor."""
    pull = primitive.pull
    return twin(primitive, pull=lambda k, bar, *rest: pull(k, bar * factor, *rest))


@pytest.mark.parametrize("name", ["exp", "multiply", "tanh", "clip"])
def test_a_partial_off_by_a_thousandth_is_reported(name):
    """The check of derivatives sees a rule that is wrong by 0.1 %."""
    row = PRIMITIVES[name]
    faults = elementwise_faults(scaled(row, 1.001), point(row, random(name)))
    assert any("partial 0" in fault for fault in faults)
    assert not any("tangent" in fault or "value" in fault for fault in faults)


def test_a_wrong_tangent_is_reported():
    """Forward mode is checked by itself."""
    row = PRIMITIVES["sin"]
    wrong = twin(row, push=lambda dots, *rest: row.push([dots[0] * 1.001], *rest))
    faults = elementwise_faults(wrong, point(row, random("sin")))
    assert any("tangent 0" in fault for fault in faults)


def test_a_partial_that_is_not_recorded_is_reported():
    """A rule with the right value but without a derivative of its own fails in second order."""
    row = PRIMITIVES["exp"]

    def pull(k, bar, out, values, params):
        number = values[0]
        while isinstance(number, dk.core.tracing.Tracer):
            number = number.value
        return bar * np.exp(number)

    faults = elementwise_faults(twin(row, pull=pull), [np.float64(0.5)])
    assert len(faults) == 1
    assert "second partial" in faults[0]


def test_a_wrong_value_is_reported():
    """A value that differs from the SymPy form in the tenth digit is seen."""
    wrong = twin(PRIMITIVES["exp"], numpy=lambda x: np.exp(x) * (1 + 1e-10))
    assert any("value" in fault for fault in elementwise_faults(wrong, [np.float64(0.5)]))


def test_a_gradient_of_the_wrong_shape_is_reported():
    """A rule that forgets to sum over what broadcasting repeated is seen."""
    row = PRIMITIVES["add"]
    wrong = twin(row, pull=lambda k, bar, out, values, params: bar)
    assert broadcast_faults(wrong, ((1,), (3,)), random("add"))
    assert broadcast_faults(scaled(row, 1.001), ((1,), (3,)), random("add"))


def test_a_gradient_of_the_wrong_dtype_is_reported():
    """A rule that answers float64 for float32 is seen."""
    row = PRIMITIVES["sin"]
    wrong = twin(row, pull=lambda k, bar, out, values, params: bar * np.ones(3))
    assert dtype_faults("sin", wrong, [np.ones(3)], [0])


def test_a_wrong_abstract_value_is_reported():
    """A shape function that is wrong is seen."""
    wrong = twin(PRIMITIVES["reshape"], shape=lambda x, shape: shape[::-1])
    assert abstract_faults(wrong, [np.ones(6)], {"shape": (2, 3)})


@pytest.mark.parametrize("kinks", [(0.5,), lambda x: x - 0.5, lambda x: x - 100.0])
def test_a_misplaced_kink_is_reported(kinks):
    """A kink where nothing jumps, or nowhere at all, is seen."""
    assert kink_faults(twin(PRIMITIVES["absolute"], kinks=kinks), random("kink"))


def test_the_check_covers_every_differentiable_row():
    """Each row with a derivative is either elementwise with partials or has examples."""
    tried = {row.name for row in ELEMENTWISE} | {row.name for row, _ in EXAMPLES}
    assert {row.name for row in DIFFERENTIABLE} <= tried | UNTRIED
