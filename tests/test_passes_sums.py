"""What is constant along the axes of a sum is taken out of it."""

import numpy as np
import pytest

import diffkit as dk
from diffkit.replay.passes import PASSES, optimized
from tests.benchmarks import objectives

RNG = np.random.default_rng(0)
A, B, T = RNG.normal(size=(5, 40, 6)), RNG.normal(size=(6, 30)), RNG.normal(size=(5, 6, 30))


@pytest.mark.parametrize(
    ("f", "shape"),
    [
        (lambda a: np.sum(a @ B, axis=1), (5, 1, 30)),
        (lambda a: np.sum(a @ T, axis=1, keepdims=True), (5, 1, 30)),
        (lambda a: np.mean(a @ T, axis=2), (5, 40, 1)),
        (lambda a: np.sum(a[0] @ B), (1, 1)),
        (lambda a: np.mean(a @ B, axis=(1, 2)), (5, 1, 1)),
        (lambda a: np.sum((a @ B).transpose(1, 2, 0), axis=0), (5, 1, 30)),
        (lambda a: np.sum((a @ B).transpose(2, 1, 0), axis=1, keepdims=True), (5, 1, 30)),
        (lambda a: np.sum(a @ T, axis=0), (5, 40, 30)),
        (lambda a: np.sum(a @ T, axis=(0, 1)), (5, 40, 30)),
        (lambda a: (lambda p: np.sum(p, axis=1) + p[:, 0])(a @ T), (5, 40, 30)),
    ],
)
def test_sums_of_products_are_products_of_sums(f, shape):
    """Of rows and columns that only their sum is read of; not of batches."""
    program = optimized(dk.lower(f, A), without=("slices",))
    (product,) = [step for step in program.steps if step.primitive.name == "matmul"]
    assert product.type.shape == shape
    assert program(A).shape == f(A).shape
    np.testing.assert_allclose(program(A), f(A), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(program.compile()(A), f(A), rtol=1e-12, atol=1e-12)


def test_the_bound_of_rounding_holds():
    """Another order of n terms: n*eps*sum(|terms|) apart at most, also where they cancel."""
    a = RNG.normal(size=(300, 20)) * 10.0 ** RNG.integers(-8, 8, size=(300, 20))
    b = RNG.normal(size=(20, 7))
    program = dk.lower(lambda a, b: np.sum(a @ b, axis=0), a, b)
    bound = 2 * (300 + 20) * np.finfo(float).eps * np.sum(np.abs(a) @ np.abs(b), axis=0)
    assert (np.abs(PASSES["sums"](program)(a, b) - program(a, b)) <= bound).all()


@pytest.mark.parametrize(
    ("f", "shapes"),
    [
        (lambda a: np.mean(3.0 * a, axis=0), [(40, 6), (40, 6)]),
        (lambda a: np.sum(a * T[:, :1, :6], axis=1), [(5, 1, 6), (5, 1, 6), (5, 6)]),
        (lambda a: np.sum(a[:, :, :1] * a[0, 0], axis=2, keepdims=True), [(1, 1, 1), (5, 40, 1)]),
        (lambda a: np.sum(a * a[:, :1], axis=(0, 1)), [(5, 40, 6), (6,)]),
    ],
)
def test_factors_come_out(f, shapes):
    """Three times the sum, in place of the sum of three times the entries."""
    program = optimized(dk.lower(f, A), without=("slices",))
    found = [s.type.shape for s in program.steps if s.primitive.name != "getitem"]
    assert found[-len(shapes) :] == shapes
    np.testing.assert_allclose(program(A), f(A), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(program.compile()(A), f(A), rtol=1e-12, atol=1e-13)


def test_the_mixture_sums_before_it_multiplies():
    """The gradient by the means has one product of matrices less over all points."""
    function = dk.grad(lambda *args: objectives.gmm(np, *args), (0, 1, 2))
    arguments = objectives.gmm_data(n=50)
    program = dk.lower(function, *arguments)

    def long(program):
        products = [step for step in program.steps if step.primitive.name == "matmul"]
        shapes = {step.name: step.type.shape for step in program.steps}
        return sum(50 in (*step.type.shape, *shapes[step.operands[0]]) for step in products)

    assert (long(optimized(program, without=["sums"])), long(optimized(program))) == (3, 2)
    for found, wanted in zip(program.compile()(*arguments), program(*arguments), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize(
    ("f", "rows"),
    [
        (lambda a: 2.0 * (0.5 * a).reshape(5, 40, 6, 1), {"reshape": 1}),
        (lambda a: 2.0 * (4.0 * a).T, {"multiply": 1, "transpose": 1}),
    ],
)
def test_views_do_not_hide_numbers(f, rows):
    """Factors meet across a reshape or a transpose."""
    program = optimized(dk.lower(f, A))
    assert program.count() == rows
    np.testing.assert_array_equal(program(A), f(A))


def test_one_number_in_all_entries_stays_one():
    """The cotangent of a mean is a number, however it is looked at on the way back."""
    slope = dk.lower(dk.grad(lambda a: np.mean(np.sum(a.T * B[0, :6, None, None], axis=0))), A)
    assert slope.count()["broadcast_to"] > 0
    assert "reshape" not in optimized(slope).count()
