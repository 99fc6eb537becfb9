"""What a call of a compiled function checks, takes along and leaves as it was."""

import asyncio
import contextvars
import copy
import dataclasses
import pickle
import signal
import threading
import zlib
from collections import OrderedDict
from typing import NamedTuple

import numpy as np
import pytest
import scipy.special

import diffkit as dk
from diffkit.replay import functions
from diffkit.replay.snapshots import Snapshot


@dataclasses.dataclass
class Weights:
    """A user's dataclass."""

    w: object
    b: object


class Pair(NamedTuple):
    """A user's named tuple."""

    first: object
    second: object


@pytest.fixture
def no_lookups(monkeypatch):
    """A function that forbids to look up recordings by key from here on."""

    def forbid():
        def call(*args, **kwargs):
            raise AssertionError("looked up")

        monkeypatch.setattr(functions, "key_of", call)

    return forbid


# -- the user's own call -------------------------------------------------------------

X = np.array([1.0, 2.0])
# fmt: off
CALLS = {
    "positions": (lambda x, y: x * y, (X, X), {}),
    "names": (lambda x, y: x - y, (), {"y": X, "x": 2 * X}),
    "a position and a name": (lambda x, y: x - y, (X,), {"y": 3 * X}),
    "*args": (lambda x, *more: x + more[0] * more[1], (X, 2 * X, 3 * X), {}),
    "no *args": (lambda x, *more: x * (len(more) + 1.0), (X,), {}),
    "**kwargs": (lambda **given: given["a"] - given["b"], (), {"a": X, "b": X + 1}),
    "keyword only": (lambda x, *, t: x * t, (X,), {"t": 2 * X}),
    "keyword only, left out": (lambda x, *, t=3.0: x * t, (X,), {}),
    "position only": (lambda x, /, y: x - y, (X, 2 * X), {}),
    "a default": (lambda x, y=10.0: x * y, (X,), {}),
    "a default given": (lambda x, y=10.0: x * y, (X, 7.0), {}),
    "a whole number": (lambda x, n: x**n, (X, 3), {}),
    "words": (lambda x, kind, flag, none: x * len(kind), (X, "it's", True, None), {}),
    "a function": (lambda x, f: f(x), (X, np.sin), {}),
    "nests": (lambda p: p["W"] * p["b"][0] + p["b"][1][0], ({"W": X, "b": [X, (X,)]},), {}),
    "an ordered dict": (lambda p: p["W"] * 2.0, (OrderedDict(W=X),), {}),
    "a dataclass": (lambda p: p.w * p.b, (Weights(X, 3.0),), {}),
    "a named tuple": (lambda p: p.first - p.second, (Pair(X, 3 * X),), {}),
    "floats": (lambda p, x: p["a"] * x, ({"a": 2.0}, 3.0), {}),
    "NumPy's floats": (lambda x, y: x * y + 1.0, (np.float64(2.0), 3.0), {}),
    "a float next to float32": (lambda x, s: x * s, (X.astype("f4"), 0.1), {}),
}
# fmt: on


@pytest.mark.parametrize("name", CALLS)
def test_calls_of_one_kind_are_answered_by_the_function_itself(name, no_lookups):
    """However arguments are passed, the second call is checked, not looked up by its key."""
    f, args, kwargs = CALLS[name]
    compiled = dk.compile(f)
    first = compiled(*args, **kwargs)
    no_lookups()
    again = compiled(*args, **kwargs)

    np.testing.assert_array_equal(again, f(*args, **kwargs))
    np.testing.assert_array_equal(first, again)
    assert np.asarray(again).dtype == np.asarray(f(*args, **kwargs)).dtype
    assert compiled.recordings == 1


OTHERS = {
    "*args": [(X,), (X, X), (X, X, X), (X, X, 2.0), (X, X.astype("f4")), (X, np.ones((2, 1)))],
    "words": [(X, "a", 1), (X, "b", 1), (X, "b", True), (X, "b", None), (X, b"b", 1), (X, "b", 2)],
    "signs": [(X.astype("f4"), 0.0), (X.astype("f4"), -0.0), (X.astype("f4"), 0.5)],
    "nests": [([X, X],), ((X, X),), ({"a": X, "b": X},), ({"b": X, "a": X},), ({"a": X, "c": X},),
              (Pair(X, X),), (Weights(X, X),), ([X, [X]],), ([X],)],
    "floats": [(1.0, 2.0), (np.float64(1.0), 2.0), (1.0, 2), (np.ones(()), 2.0), (1.0, True)],
}  # fmt: skip


def answer(*args):
    """Twice each number, and a number that tells of everything else."""
    numbers = []

    def form(nest):
        kind = type(nest).__name__
        if isinstance(nest, dict):
            return kind, [(key, form(part)) for key, part in nest.items()]
        if isinstance(nest, (list, tuple)):
            return kind, [form(part) for part in nest]
        if isinstance(nest, Weights):
            return kind, form(nest.w), form(nest.b)
        if isinstance(nest, (int, str, bytes, type(None))):
            return kind, nest
        numbers.append(2.0 * nest)
        return "number"

    told = repr(form(args))
    return [float(zlib.crc32(told.encode())), *numbers]


@pytest.mark.parametrize("name", OTHERS)
def test_other_kinds_of_calls_are_told_apart(name):
    """Calls that differ in more than numbers are recorded once each, and get their own answers."""
    f, calls = dk.compile(answer), OTHERS[name]
    for args in [*calls, *reversed(calls), *calls]:
        for found, wanted in zip(f(*args), answer(*args), strict=True):
            np.testing.assert_array_equal(found, wanted)
            np.testing.assert_array_equal(np.signbit(found), np.signbit(wanted))
    assert f.recordings == len(calls)


def test_arguments_that_are_passed_on_are_as_they_were_given():
    """One recording does not make NumPy's numbers of floats for another."""

    def f(x, s, t):
        return np.sum(x) * s + t

    compiled = dk.compile(f)
    for x in (X, 2.0, np.ones(3), X, 3.0, np.ones((1, 2))):
        for s, t in ((2.0, 1.0), (np.float64(2.0), 1.0), (2.0, np.float64(1.0))):
            assert compiled(x, s, t) == f(x, s, t)
    assert compiled.recordings == 3 + 3  # shapes, which take either; and kinds of numbers


def test_a_name_may_look_like_that_of_one_of_args():
    """The first of *data is called data_1 in a Program; so may a parameter be."""
    f = dk.compile(lambda data_1, *data: data_1 + 2 * data[0])
    assert (f(1.0, 2.0), f(3.0, 4.0)) == (5.0, 11.0)


def test_a_default_that_is_left_out_stays_out():
    """Calls of another kind are passed on without it, however many recordings there are."""
    marks = object()

    def f(x, y=2.0, /, z=None, *more, kind=marks, **rest):
        assert kind is marks
        assert z is None or more
        return x * y + sum(more) + sum(rest.values())

    compiled = dk.compile(f)
    calls = [((X,), {}), ((X, 3.0), {}), ((X, 2.0, None, X), {}), ((X,), {"w": X})]
    for size in (1, 2):
        for args, kwargs in [*calls, *reversed(calls)]:
            args = [v[:size] if v is X else v for v in args]
            kwargs = {name: v[:size] for name, v in kwargs.items()}
            np.testing.assert_array_equal(compiled(*args, **kwargs), f(*args, **kwargs))
    assert compiled.recordings == 8


@pytest.mark.parametrize("f", [np.sin, np.abs, np.square], ids=str)
def test_ufuncs_can_be_compiled(f):
    """Their parameters have defaults that must not all be given."""
    compiled = dk.compile(f)
    for x in (X, 2 * X, 1.5, X, np.ones((2, 2))):
        np.testing.assert_array_equal(compiled(x), f(x))
    assert compiled.recordings == 3


def test_kinds_that_alternate_are_not_looked_up(no_lookups):
    """Eight kinds of calls are asked one after the other; more are still right."""
    f = dk.compile(lambda x: np.sum(x * x))
    sizes = range(1, 13)
    assert [f(np.ones(n)) for n in sizes] == list(sizes)
    assert [f(np.ones(n)) for n in sizes] == list(sizes)
    assert f.recordings == 12
    no_lookups()
    assert [f(np.full(n, 2.0)) for n in (9, 12, 10, 11)] == [36, 48, 40, 44]


NAMES = ["strange", "steps", "run", "idle", "ready", "add", "ndarray", "float64_", "c1", "t1",
         "np", "len", "list", "float", "sign", "args", "x_2", "was", "empty"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_parameters_may_have_any_name(name):
    """Names that the text uses itself, or that mean something in Python, can be parameters."""
    scope = {"numeric": np}
    exec(f"def f(x, {name}, p, p_w=2.0): return numeric.sign(x) + {name}*p['w'] + 1.0/p_w", scope)
    f = dk.compile(scope["f"])
    for x in (3.0, np.array([3.0, -4.0])):
        for _ in range(2):
            wanted = np.sign(x) + 2.0 * x + 0.5
            np.testing.assert_array_equal(f(x, 2.0, {"w": x}), wanted)
            np.testing.assert_array_equal(f(x, p={"w": x}, **{name: 2.0}), wanted)
            np.testing.assert_array_equal(f(x, 2.0, {"w": x}, 4.0), wanted - 0.25)
            np.testing.assert_array_equal(f(x, 2, {"w": x}), wanted)


@pytest.mark.parametrize("name", [name for name in NAMES if name.isalpha()])
def test_inputs_of_a_program_may_have_any_name(name):
    """They are told by position and by name, whatever the text calls them."""
    compiled = dk.lower(lambda **given: given[name] * 2.0 + 1.0, **{name: np.ones(2)}).compile()
    np.testing.assert_array_equal(compiled(X), 2 * X + 1)
    np.testing.assert_array_equal(compiled(**{name: X}), 2 * X + 1)
    np.testing.assert_array_equal(compiled([3, 4]), [7.0, 9.0])


def test_a_variable_may_have_the_name_of_the_function():
    """So may those that are arrays prepared once."""

    def y(x):
        y = np.exp(x)
        return np.sum(y * y)

    np.testing.assert_allclose(dk.compile(y)(X), np.sum(np.exp(X) ** 2), rtol=1e-15)


def test_a_call_that_does_not_fit_says_so():
    """Too few, too many and unknown arguments are errors before and after the recording."""
    f = dk.compile(lambda x, *, t: x * t)
    for _ in range(2):
        for args, kwargs in [((), {}), ((X,), {}), ((X, X), {"t": X}), ((X,), {"t": X, "u": X})]:
            with pytest.raises(TypeError):
                f(*args, **kwargs)
        f(X, t=X)


# -- what NumPy says of 1/0 ------------------------------------------------------------


def poles(x):
    """1/x and more, which NumPy warns of at 0."""
    return 1.0 / x + np.log(x + 1.0)


def test_a_call_leaves_numpys_settings_as_they_are():
    """Inside, inf and nan are answers; outside, 1/0 is what the caller wants it to be."""
    f = dk.compile(poles)
    for mode in ("raise", "warn", "ignore"):
        with np.errstate(all=mode):
            before = np.geterr()
            assert f(np.zeros(3)).tolist() == f(np.zeros(3)).tolist() == [np.inf] * 3
            assert np.geterr() == before
        with np.errstate(all="raise"), pytest.raises(FloatingPointError):
            np.divide(1.0, np.zeros(2))


def test_settings_stay_after_a_branch_is_left():
    """Also where a call ends by an exception."""
    f = dk.lower(lambda x: np.exp(x) if x[0] > 0 else -x, X).compile()
    with np.errstate(over="raise", divide="call"):
        before = np.geterr()
        with pytest.raises(dk.errors.BranchChanged):
            f(-X)
        assert np.geterr() == before
        np.testing.assert_array_equal(f(X + 1000), [np.inf, np.inf])


def test_threads_keep_their_settings():
    """Each thread has its own, and calls of one function at once do not mix them up."""
    f = dk.compile(poles)
    wrong = []

    def work(mode):
        np.seterr(all=mode)
        for _ in range(200):
            if not np.isinf(f(np.zeros(100)))[0] or set(np.geterr().values()) != {mode}:
                wrong.append(mode)

    threads = [threading.Thread(target=work, args=(m,)) for m in ("raise", "warn", "ignore") * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_tasks_keep_their_settings():
    """So do coroutines that take turns in one thread."""
    f = dk.compile(poles)

    async def work(mode):
        np.seterr(all=mode)
        for _ in range(20):
            f(np.zeros(10))
            await asyncio.sleep(0)
            assert set(np.geterr().values()) == {mode}

    async def all_of_them():
        await asyncio.gather(*[work(mode) for mode in ("raise", "warn", "ignore")])

    before = np.geterr()
    asyncio.run(all_of_them())
    assert np.geterr() == before


def for_ever(f, x):
    """Call until something is raised."""
    while True:
        f(x)


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="this system has no timer signal")
def test_ctrl_c_between_statements_leaves_a_function_that_works():
    """The copy of the steps that was interrupted is used again, and answers right."""
    f = dk.compile(lambda x: np.sum(np.tanh(np.sin(x) * np.cos(x) + np.exp(-x))))
    x = np.linspace(0, 1, 100_000)
    expected = f(x)

    def interrupt(*_):
        raise KeyboardInterrupt

    old = signal.signal(signal.SIGALRM, interrupt)
    try:
        for k in range(20):
            signal.setitimer(signal.ITIMER_REAL, 1e-3 + 2e-4 * k)
            with pytest.raises(KeyboardInterrupt):
                for_ever(f, x)
            assert f(x) == expected
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


def test_a_traceback_shows_the_line():
    """An error inside of a replay points into its text."""
    f = dk.lower(lambda x: np.exp(x) if x[0] > 0 else -x, X).compile()
    with pytest.raises(dk.errors.BranchChanged) as caught:
        f(-X)
    lines = [str(entry.statement) for entry in caught.traceback]
    assert any("return run(x)" in line for line in lines)
    assert any("check_" in line for line in lines)


def cube(x, *, n=3):
    """A function that can be pickled."""
    return x**n


def test_a_compiled_function_is_pickled_as_its_function():
    """On the other side it records anew."""
    f = dk.compile(cube)
    f(X)
    again = pickle.loads(pickle.dumps(f))
    assert (again(X)[1], again.recordings) == (8.0, 1)


# -- what is around a function ------------------------------------------------------------

HELD = {
    "an array": (np.arange(6.0).reshape(2, 3), lambda v: v.__setitem__((1, 2), 7.0)),
    "its shape": (np.arange(6.0), lambda v: setattr(v, "shape", (3, 2))),
    "a part of an array": (np.arange(6.0)[::2], lambda v: v.__setitem__(0, 7.0)),
    "the sign of zero": (np.zeros(2), lambda v: v.__setitem__(0, -0.0)),
    "many entries": (np.zeros(10**5), lambda v: v.__setitem__(99_999, 1.0)),
    "records": (np.zeros(3, "i4,f8"), lambda v: v["f1"].__setitem__(2, 1.0)),
    "dates": (np.zeros(3, "M8[s]"), lambda v: v.__setitem__(0, 5)),
    "a list": ([1, [2, 3]], lambda v: v[1].append(4)),
    "a whole number in a list": ([1, 2], lambda v: v.__setitem__(0, True)),
    "a dict": ({"a": {"b": 1.0}}, lambda v: v["a"].__setitem__("b", 2.0)),
    "names of a dict": ({"a": 1.0}, lambda v: (v.pop("a"), v.__setitem__("b", 1.0))),
    "the order of a dict": ({"a": 1, "b": 1}, lambda v: v.__setitem__("a", v.pop("a"))),
    "a set": ({1, 2}, lambda v: v.add(3)),
    "an object": (Weights(np.ones(2), [1.0]), lambda v: v.w.__setitem__(0, 5.0)),
    "an attribute": (Weights(1.0, 2.0), lambda v: setattr(v, "b", 3.0)),
    "an array in a list": ([np.ones(2)], lambda v: v[0].__setitem__(0, 5.0)),
}


@pytest.mark.parametrize("name", HELD)
def test_a_change_is_seen(name):
    """A snapshot holds until what it was taken of is changed."""
    value, change = copy.deepcopy(HELD[name][0]), HELD[name][1]
    if name == "a part of an array":
        value = np.arange(6.0)[::2]
    snapshot = Snapshot(value)
    assert snapshot.holds()
    change(value)
    assert not snapshot.holds()


def test_what_is_equal_is_no_change():
    """Equal parts in the places of parts, nan included, are as good."""
    value = {"a": [np.ones(2), 1.5], "b": np.array([np.nan]), "c": float("nan"), "d": {1}}
    snapshot = Snapshot(value)
    value["a"] = [np.ones(2), 1.5]
    value["b"] = np.array([np.nan])
    value["d"] = {1}
    assert snapshot.holds()
    value["d"] = {1.5}
    assert not snapshot.holds()


def test_a_captured_nan_is_recorded_once():
    """It is not equal to itself, and yet no change."""
    missing = np.array([1.0, np.nan])
    f = dk.compile(lambda x: np.nansum(x * missing))
    assert (f(X), f(2 * X), f.recordings) == (1.0, 2.0, 1)


def test_a_registered_function_sees_the_callers_context():
    """Its own context variables are those of the call, not those of the recording."""
    scale = contextvars.ContextVar("scale", default=1.0)
    scaled = dk.register(lambda x: x * scale.get(), name="scaled", partials=[lambda y, x: 1.0])
    try:
        f = dk.compile(lambda x: np.sum(scaled(x)) / 0.0 * 0.0 + np.sum(scaled(x)))
        g = dk.compile(lambda x: np.sum(scaled(x)))
        for value in (3.0, 5.0):
            scale.set(value)
            assert np.isnan(f(np.ones(2)))  # and NumPy says nothing of it
            assert g(np.ones(2)) == 2 * value
    finally:
        dk.primitives.unregister("scaled")


def test_ufuncs_of_others_are_called_by_what_they_are():
    """A registered ufunc need not be one of NumPy's."""
    row = dk.register(
        scipy.special.exp10, name="ten_to_the", partials=[lambda y, x: y * np.log(10.0)]
    )
    try:
        slope = dk.compile(dk.grad(lambda x: np.sum(row(x))))
        np.testing.assert_allclose(slope(np.arange(3.0)), np.log(10) * 10.0 ** np.arange(3))
    finally:
        dk.primitives.unregister("ten_to_the")
