"""Each pass does what its page says, and changes no number."""

import re
from pathlib import Path

import numpy as np
import pytest

import diffkit as dk
from diffkit.core.program import Program
from diffkit.replay.passes import CHOICES, PASSES, optimized
from tests.benchmarks.cases import random_scalar
from tests.random_loops import random_loop
from tests.random_programs import example, random_program

# What a pass may change: nothing, or rounding where it says so.
EXACT = ("dead", "constants", "common", "broadcasts", "expansions")


def steps(program):
    """The steps as they print."""
    return str(program).splitlines()


@pytest.mark.parametrize("name", PASSES)
def test_a_pass_alone_keeps_every_number(name):
    """On random array programs: bit for bit, or within rounding where sums are reordered."""
    for seed in range(40):
        program, arguments = random_program(seed), example(seed)
        with np.errstate(all="ignore"):
            expected, found = program(*arguments), PASSES[name](program)(*arguments)
        for mine, theirs in zip(found, expected, strict=True):
            if name in EXACT:
                np.testing.assert_array_equal(mine, theirs)
            else:
                np.testing.assert_allclose(mine, theirs, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("name", PASSES)
def test_steps_have_the_types_that_their_rows_give_them(name):
    """Whatever else writes a Program down, such as XLA, relies on shapes and dtypes."""
    arguments = np.ones((6, 3)), np.ones(6)
    loops = [dk.lower(dk.grad(random_loop(seed), (0, 1)), *arguments) for seed in range(12)]
    for program in [*map(random_program, range(12)), *loops]:
        with np.errstate(all="ignore"):
            for found in (PASSES[name](program), PASSES[name](optimized(program, [name]))):
                types = dict(found.types)
                for step in found.steps:
                    kinds = [types[o] if o.__class__ is str else o for o in step.operands]
                    assert step.primitive.abstract(*kinds, **step.params) == step.type
                    types[step.name] = step.type


@pytest.mark.parametrize("seed", range(40))
def test_identities_are_exact_on_scalars(seed):
    """Of random scalar adjoints not one bit changes, apart from powers NumPy has twice."""
    program = random_scalar(seed).adjoint()
    point = dict(zip(program.inputs, map(np.float64, (0.7, 1.3, 0.4)), strict=True))
    with np.errstate(all="ignore"):
        expected, found = program(**point), PASSES["identities"](program)(**point)
    np.testing.assert_array_max_ulp(np.array(found), np.array(expected), maxulp=2)


def test_passes_make_programs_shorter():
    """The gradient of the sigmoid loss loses a third of its steps."""
    adjoint = dk.lower("z = w*x + b; y = 1/(1 + exp(-z)); L = (y - t)**2/2").adjoint("w")
    assert (len(adjoint), len(optimized(adjoint))) == (17, 11)


def test_dead_steps_go_and_guards_stay():
    """What no output needs is dropped, but not the check of a branch."""
    p = dk.lower(lambda x: (x * 3, x**2 if x > 0 else x)[1], 2.0)
    assert steps(PASSES["dead"](p)) == ["t2 = x > 0", "t3 = guard(t2, expected=True)", "t4 = x**2"]


def test_constants_are_folded():
    """2*3 is computed once, at compile time."""
    p = dk.lower("x + sin(2)*exp(1)")
    assert len(PASSES["constants"](p)) == 1


def test_common_subexpressions_are_shared():
    """The same sine twice is one sine."""
    p = dk.lower("sin(x*y) + sin(x*y)**2")
    assert PASSES["common"](p).count()["sin"] == 1


def test_common_keeps_signed_zeros_apart():
    """0.0 and -0.0 are different constants: 1/x tells them apart."""
    p = dk.lower(lambda x: np.copysign(x, 0.0) + np.copysign(x, -0.0), 1.0)
    assert PASSES["common"](p).count()["copysign"] == 2


@pytest.mark.parametrize(
    ("text", "simpler"),
    [
        ("x*1 + y", ["t2 = x + y"]),
        ("x + -y", ["t2 = x - y"]),
        ("-(-x)*y", ["t3 = x*y"]),
        ("x/4", ["t1 = x*0.25"]),
        ("x**2", ["t1 = square(x)"]),
        ("x/3", ["t1 = x/3"]),
        ("x + 0", ["t1 = x + 0"]),
        ("0*x", ["t1 = 0*x"]),
    ],
)
def test_identities(text, simpler):
    """Those that hold bit for bit are used; x + 0 and 0*x do not hold for -0.0 and nan."""
    assert steps(PASSES["dead"](PASSES["identities"](dk.lower(text)))) == simpler


def test_scatters_become_additions_in_place_or_joins():
    """Cotangents of slices leave no arrays of zeros."""
    x = np.arange(6.0)
    overlapping = dk.lower(dk.grad(lambda x: np.sum(x[1:] * x[:-1])), x)
    halves = dk.lower(dk.grad(lambda x: np.sum(np.sin(x[:3]) * np.exp(x[3:]))), x)

    assert optimized(overlapping).count()["scatter"] == 1
    assert optimized(overlapping).count()["add_at"] == 1
    assert optimized(halves).count()["concatenate"] == 1
    assert "scatter" not in optimized(halves).count()


def test_einsum_becomes_a_matrix_product():
    """Where shapes allow; what is no product of matrices stays."""
    a, b = np.ones((5, 20, 8)), np.ones((8, 7))
    product = dk.lower(lambda a, b: np.einsum("nij,jk->kin", a, b), a, b)
    trace = dk.lower(lambda a: np.einsum("nii->n", a[:, :5, :5]), a)

    assert optimized(product).count()["matmul"] == 1
    assert optimized(trace).count()["einsum"] == 1


def test_an_einsum_of_three_goes_pairwise():
    """In the order that NumPy's planner finds."""
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(6, 7)), rng.normal(size=(7, 8)), rng.normal(size=(8, 9))
    p = dk.lower(lambda a, b, c: np.einsum("ij,jk,kl->il", a, b, c), a, b, c)
    assert "einsum" not in optimized(p).count()
    np.testing.assert_allclose(optimized(p)(a, b, c), a @ b @ c, rtol=1e-13)


def test_an_unknown_pass_is_an_error():
    """With the names that there are."""
    with pytest.raises(dk.errors.ArgumentError, match="the passes are dead, "):
        dk.lower("x + 1").compile(without=("magic",))


def test_the_page_lists_the_passes_in_their_order():
    """The table in docs/replay.md has a row for each pass and each choice, and no others."""
    page = (Path(__file__).parent.parent / "docs" / "replay.md").read_text()
    table = page.split("| pass |")[1].split("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == [*PASSES, *CHOICES]


def test_optimized_programs_are_programs():
    """They print, pickle and can be differentiated again."""
    p = optimized(dk.lower("sin(x)*x").adjoint())
    assert isinstance(p, Program)
    again = p.adjoint()
    x = 0.7
    assert again(x) == pytest.approx(2 * np.cos(x) - x * np.sin(x), rel=1e-14)


def test_powers_of_two_go_into_sums_and_meet():
    """-2*(1 - x) - 2*x*y needs 2*x once; whole numbers and floats are the same factors."""
    p = dk.lower("(1 - x)*(-2) - (2*x)*y + 2.0*x")
    assert steps(optimized(p)) == [
        "t8 = 2.0*x", "t2 = t8 - 2.0", "t4 = t8*y", "t5 = t2 - t4", "t7 = t5 + t8"
    ]  # fmt: skip
    for x, y in [(0.1, 3.0), (1 / 3, -7.7), (1.0, 0.0), (2.5e300, 1e-5)]:
        assert optimized(p)(x=x, y=y) == (1 - x) * (-2) - (2 * x) * y + 2.0 * x


def test_a_number_in_an_array_is_that_number():
    """Constants whose entries are all equal, bit for bit, are not read entry by entry."""
    x = np.linspace(0, 1, 12).reshape(4, 3)
    weights, zeros = np.full((4, 3), 0.25), np.array([[0.0, -0.0, 0.0]])
    p = dk.lower(lambda x: weights * np.exp(x) * 4.0 + zeros, x)
    assert steps(PASSES["broadcasts"](p))[1] == "t2 = 0.25*t1"
    assert steps(optimized(p)) == ["t1 = exp(x)", "t4 = t1 + [[0.0, -0.0, 0.0]]"]
    np.testing.assert_array_equal(p.compile()(x), np.exp(x))
    narrow = x[0].astype(np.float32)
    single = dk.lower(lambda x: weights.astype(np.float32) * x.sum(), narrow)
    assert single.compile()(narrow).dtype == np.float32
    assert single.compile()(narrow).shape == (4, 3)
