"""What is compiled computes what NumPy computes step by step."""

import pickle
import threading

import numpy as np
import pytest

import diffkit as dk
from diffkit.replay.passes import CHOICES, PASSES
from tests.benchmarks.cases import random_scalar
from tests.random_programs import example, random_program
from tests.table import EXAMPLES, name_of, random

ONE_RESULT = [(row, case) for row, case in EXAMPLES if not row.several and row.name != "pick"]
ALL = (*PASSES, *CHOICES)
SWITCHES = [(), *[(name,) for name in ALL], ALL]


def flat(results):
    """All entries of one or several results."""
    results = results if isinstance(results, tuple) else (results,)
    return [np.asarray(part) for part in results]


def operands_of(shapes, key):
    """Operands for an example of a row: arrays as they are, shapes filled."""
    shapes = [shapes] if not shapes or isinstance(shapes[0], int) else shapes
    return [s if isinstance(s, np.ndarray) else random(key).uniform(0.2, 0.9, s) for s in shapes]


@pytest.mark.parametrize(("row", "case"), ONE_RESULT, ids=name_of)
def test_every_row_replays_as_numpy_computes_it(row, case):
    """A Program of one step, compiled, gives the row's own result, bit for bit."""
    shapes, params = case
    values = [np.array(v)[()] for v in operands_of(shapes, row.name)]
    program = dk.lower(lambda *xs: row(*xs, **params), *values)
    values = list(program.bind(values, {}).values())

    np.testing.assert_array_equal(program.compile()(*values), row.numpy(*values, **params))


@pytest.mark.parametrize("seed", range(60))
def test_scalar_programs_agree_with_numpy(seed):
    """Random scalar adjoints over floats: within 1e-12 of NumPy, inf and nan included."""
    program = random_scalar(seed).adjoint()
    compiled = program.compile()
    for x in (0.7, -1.3, 0.0, 400.0):
        point = [x, 1.1, -0.4]
        with np.errstate(all="ignore"):
            expected = program(*map(np.float64, point))
        np.testing.assert_allclose(compiled(*point), expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("without", SWITCHES, ids=str)
def test_every_pass_can_be_switched_off(without):
    """With or without a pass, random array programs and gradients give the same numbers."""
    for seed in range(25):
        program, arguments = random_program(seed), example(seed)
        with np.errstate(all="ignore"):
            expected = program(*arguments)
        for found, wanted in zip(
            flat(program.compile(without=without)(*arguments)), flat(expected), strict=True
        ):
            assert found.shape == wanted.shape
            assert found.dtype == wanted.dtype
            np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-13)


def test_results_of_two_calls_do_not_share_memory():
    """Buffers are used again; what was returned is not touched."""
    compiled = dk.lower(lambda x: np.exp(x) * 2, np.zeros(5)).compile()

    first = compiled(np.zeros(5))
    compiled(np.ones(5))

    np.testing.assert_array_equal(first, np.full(5, 2.0))
    first[:] = 0


def test_a_number_is_not_a_view_of_a_buffer():
    """x[..., 0] and a reshape to () are views in NumPy, of memory that is used again."""

    def f(x):
        y = x * 2.0
        return y[..., 0], np.reshape(y[1:2], ()), np.sum(np.exp(y))

    x = np.array([1.0, 2.0, 3.0])
    first, second, _ = dk.lower(f, x).compile()(x)
    assert (first, second) == (2.0, 4.0)


def test_an_input_that_is_returned_is_a_copy():
    """Writing to the result leaves the argument alone."""
    x = np.ones(3)
    dk.compile(lambda x: x)(x)[:] = 5
    dk.compile(lambda x: x[:2])(x)[:] = 5
    np.testing.assert_array_equal(x, np.ones(3))


def test_threads_share_a_compiled_function():
    """Eight threads at once get their own answers."""
    compiled = dk.lower(lambda x: np.tanh(x * 3) + np.exp(x), np.zeros(1000)).compile()
    wrong = []

    def work(k):
        x = np.full(1000, k / 10)
        for _ in range(50):
            if not np.array_equal(compiled(x), np.tanh(x * 3) + np.exp(x)):
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_replay_is_pickled_as_its_program():
    """Across processes a replay is compiled again."""
    compiled = dk.lower("x*y + sin(x)").compile()
    again = pickle.loads(pickle.dumps(compiled))
    assert again(1.5, 2.0) == compiled(1.5, 2.0)


def test_source_is_one_statement_a_step():
    """The text can be read, and names are the Program's."""
    text = dk.lower("z = w*x + b; y = 1/(1 + exp(-z))").source()
    for line in ("t1 = w*x", "z = t1 + b", "t3 = math.exp(t2)", "y = 1.0/t4"):
        assert line in text


# -- guards ------------------------------------------------------------------------


def test_other_shapes_and_dtypes_are_refused_by_a_program():
    """A compiled Program is for the arguments that it was recorded for."""
    compiled = dk.lower(lambda x: x * 2.0, np.ones(3)).compile()
    with pytest.raises(dk.errors.ShapeError, match=r"has shape \(4,\)"):
        compiled(np.ones(4))
    with pytest.raises(dk.errors.ArgumentError, match="float32"):
        compiled(np.ones(3, np.float32))
    with pytest.raises(dk.errors.ArgumentError, match="x is a NoneType"):
        compiled(None)
    np.testing.assert_array_equal(compiled([1, 2, 3]), [2.0, 4.0, 6.0])


def test_another_branch_is_refused_by_a_program():
    """The guard of a recorded branch is part of the compiled text."""
    compiled = dk.lower(lambda x: x**2 if x > 0 else -x, 3.0).compile()
    assert compiled(2.0) == 4.0
    with pytest.raises(dk.errors.BranchChanged):
        compiled(-2.0)


def test_compile_records_once_a_kind_of_arguments():
    """Shapes, dtypes, structures and branches record anew; values do not."""
    f = dk.compile(dk.grad(lambda x: np.sum(x**2) if np.sum(x) > 0 else np.sum(x)))
    for x, count in [(np.ones(3), 1), (np.full(3, 2.0), 1), (np.ones(4), 2), (-np.ones(3), 3),
                     (np.ones(3), 3), (np.ones(3, np.float32), 4), (-np.ones(3), 4)]:  # fmt: skip
        expected = dk.grad(lambda x: np.sum(x**2) if np.sum(x) > 0 else np.sum(x))(x)
        found = f(x)
        assert f.recordings == count
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)


def test_compile_keeps_the_structure_of_arguments_and_results():
    """Nests of lists, tuples and dicts go in and come out."""

    def loss(params, x):
        return np.mean((x @ params["W"] + params["b"][0]) ** 2)

    params, x = {"W": np.ones((2, 3)), "b": [np.zeros(3)]}, np.arange(8.0).reshape(4, 2)
    value, slopes = dk.compile(dk.value_and_grad(loss))(params, x)
    wanted, wanted_slopes = dk.value_and_grad(loss)(params, x)

    assert value == pytest.approx(wanted, rel=1e-14)
    np.testing.assert_allclose(slopes["W"], wanted_slopes["W"], rtol=1e-14)
    np.testing.assert_allclose(slopes["b"][0], wanted_slopes["b"][0], rtol=1e-14)


def test_keywords_and_defaults_mean_what_they_mean():
    """f(y=2, x=3) is f(3, 2), and a default is one."""
    f = dk.compile(lambda x, y=10.0: x - 2 * y)
    assert f(y=2.0, x=3.0) == -1.0
    assert f(3.0) == -17.0
    with pytest.raises(TypeError):
        f(z=1.0)


def test_whole_numbers_are_part_of_the_recording():
    """Another whole number may mean another loop, so it records anew."""

    def power(x, n):
        y = 1.0
        for _ in range(n):
            y = y * x
        return y

    f = dk.compile(power)
    assert (f(2.0, 3), f(2.0, 5), f(3.0, 3), f.recordings) == (8.0, 32.0, 27.0, 2)


def test_a_python_float_takes_on_the_dtype_of_its_neighbour():
    """float32 stays float32, so there the float is part of the recording."""
    f = dk.compile(lambda x, s: x * s)
    x = np.ones(3, np.float32)
    assert (f(x, 2.0).dtype, f(x, 3.0)[0], f.recordings) == (np.float32, 3.0, 2)
    assert f(np.ones(3), 2.0).dtype == np.float64


def test_arrays_with_rules_of_their_own_are_refused():
    """A mask would be lost without a word; so would the product of np.matrix."""
    f = dk.compile(lambda x: x * x)
    with pytest.raises(dk.errors.ArgumentError, match=r"MaskedArray.*np\.asarray"):
        f(np.ma.ones(3))


def test_a_pole_is_inf_from_the_first_call_on():
    """Recording and replaying answer alike, without a warning."""
    f = dk.compile(lambda x: 1 / x)
    assert (f(0.0), f(0.0), f(-0.0), f.recordings) == (np.inf, np.inf, -np.inf, 1)


def test_arrays_of_another_byte_order_are_converted():
    """Numbers from a file of another machine are numbers."""
    f = dk.compile(lambda x: x * 2.0)
    np.testing.assert_array_equal(f(np.ones(3, ">f8")), np.full(3, 2.0))


def test_compile_inside_of_a_derivative():
    """A compiled function that is differentiated gives way to the function itself."""
    f = dk.compile(lambda x: np.sin(x) * x)
    f(1.0)
    assert dk.grad(f)(0.5) == dk.grad(lambda x: np.sin(x) * x)(0.5)


# -- what cannot be replayed ---------------------------------------------------------


def test_random_numbers_are_detected():
    """A function that draws is recorded twice, and differs."""
    rng = np.random.default_rng(0)
    with pytest.raises(dk.errors.NotReplayable, match="random"):
        dk.compile(lambda x: np.sum(x * rng.normal(size=3)))(np.ones(3))


def test_a_clock_is_detected():
    """So is one that looks at the time."""
    import time

    with pytest.raises(dk.errors.NotReplayable, match="clock"):
        dk.compile(lambda x: x * time.perf_counter())(1.0)


_calls = 0


def test_a_changed_global_is_detected():
    """And one that counts its calls."""

    def counting(x):
        global _calls
        _calls += 1
        return x * 2.0

    with pytest.raises(dk.errors.NotReplayable, match="_calls"):
        dk.compile(counting)(1.0)


def test_a_list_that_grows_is_detected():
    """Mutation through a closure is no different."""
    seen = []
    with pytest.raises(dk.errors.NotReplayable, match="seen"):
        dk.compile(lambda x: (seen.append(1), x * 2.0)[1])(1.0)


def test_what_a_function_reads_is_looked_at_again():
    """A captured number, array or attribute that changed is not stale."""

    class Model:
        weight = 2.0

        def __init__(self):
            self.offset = np.ones(2)

        def __call__(self, x):
            return np.sum(x * self.weight + self.offset)

    model, scale = Model(), np.array([1.0, 2.0])
    f, g = dk.compile(lambda x: np.sum(x * scale)), dk.compile(model)
    assert (f(np.ones(2)), g(np.ones(2))) == (3.0, 6.0)
    scale[:] = 5
    model.offset[:] = 3
    assert (f(np.ones(2)), g(np.ones(2))) == (10.0, 10.0)
    model.weight = 0.0
    assert g(np.ones(2)) == 6.0


def test_objects_among_the_arguments_are_looked_at_again():
    """Two models, one of which changes: each call answers for the model as it is."""

    class Model:
        def __init__(self, weight):
            self.weight = np.full(2, weight)

    f = dk.compile(lambda model, x, names: np.sum(model.weight * x) + len(names))
    a, b, names = Model(1.0), Model(2.0), {"u"}
    x = np.ones(2)
    assert (f(a, x, names), f(b, x, names), f.recordings) == (3.0, 5.0, 2)
    a.weight[:] = 10
    assert (f(a, x, names), f(b, x, names), f.recordings) == (21.0, 5.0, 3)
    names.add("v")
    assert f(b, x, names) == 6.0


def test_what_is_no_function_is_refused():
    """Compiling a number says what can be compiled."""
    with pytest.raises(dk.errors.ArgumentError, match="neither"):
        dk.compile(3.0)


@pytest.mark.parametrize("kind", ["array", "in place", "in a nest"])
def test_a_function_that_assigns_to_its_argument_is_refused(kind):
    """NumPy would change the caller's array; a replay reads it only."""

    def assigns(x):
        x[0] = 5.0
        return np.sum(x)

    def adds(x):
        y = x
        y += 1.0
        return np.sum(y)

    f = {"array": assigns, "in place": adds, "in a nest": lambda d: assigns(d["a"])}[kind]
    x = np.arange(3.0)
    with pytest.raises(dk.errors.NotReplayable, match=r"assigns to its argument (x|d_a), which"):
        dk.compile(f)({"a": x} if kind == "in a nest" else x)
    assert x.tolist() == [0.0, 1.0, 2.0]
    if kind != "in a nest":  # a gradient works on a copy of its own, as it does traced anew
        np.testing.assert_array_equal(dk.compile(dk.grad(f))(x), dk.grad(f)(x))
        program = dk.lower(f, x)
        assert program(x) == f(x.copy())
