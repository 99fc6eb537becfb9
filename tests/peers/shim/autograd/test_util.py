"""Checks of both modes, to any order, against central differences along random directions."""

from itertools import product

from .extend import name_of
from .space import vspace
from .unary import make_jvp, make_vjp
from .wrap_util import unary_to_nary

STEP = 1e-6  # rounding 1e-10, truncation 1e-12, for functions of size one
TOLERANCE = 1e-6  # absolute or relative: autograd's own


def scalar_close(a, b):
    return abs(a - b) < TOLERANCE or abs(a - b) < TOLERANCE * abs(a + b)


def check_equivalent(x, y):
    """Same kind, and the same product with a random value of that kind."""
    space = vspace(x)
    assert space == vspace(y), f"{space} is not {vspace(y)}"
    v = space.randn()
    assert scalar_close(space.inner_prod(x, v), space.inner_prod(y, v)), f"{x} is not {y}"


def numerical_jvp(fun, x, v):
    """(fun(x + h v/2) - fun(x - h v/2)) / h."""
    space = vspace(x)
    after = fun(space.add(x, space.scalar_mul(v, STEP / 2)))
    before = fun(space.add(x, space.scalar_mul(v, -STEP / 2)))
    values = vspace(after)
    return values.scalar_mul(values.add(after, values.scalar_mul(before, -1.0)), 1 / STEP)


def check_jvp(fun, x):
    v = vspace(x).randn()
    dot = make_jvp(fun, x)(v)[1]
    try:
        check_equivalent(dot, numerical_jvp(fun, x, v))
    except AssertionError as error:
        raise AssertionError(f"Derivative (JVP) check of {name_of(fun)} failed: {error}") from None


def check_vjp(fun, x):
    pull, y = make_vjp(fun, x)
    space, values = vspace(x), vspace(y)
    v, w = space.randn(), values.randn()
    bar = space.covector(pull(values.covector(w)))
    assert vspace(bar) == space, f"{vspace(bar)} is not {space}"
    exact, numeric = space.inner_prod(v, bar), values.inner_prod(w, numerical_jvp(fun, x, v))
    assert scalar_close(exact, numeric), (
        f"Derivative (VJP) check of {name_of(fun)} failed: {exact} is not {numeric}"
    )


@unary_to_nary
def check_grads(fun, x, modes=("fwd", "rev"), order=2):
    """Check the modes, then the derivatives that they give."""
    assert set(modes) <= {"fwd", "rev"}
    for mode in modes:
        check, derivative = _MODES[mode]
        check(fun, x)
        if order > 1:
            seed = vspace(x if mode == "fwd" else fun(x)).randn()
            further = derivative(fun)
            check_grads(further, (0, 1), modes=modes, order=order - 1)(x, seed)


def _tangent(fun):
    def tangent(x, v):
        return make_jvp(fun, x)(v)[1]

    tangent.__name__ = f"jvp_{name_of(fun)}"
    return tangent


def _cotangent(fun):
    def cotangent(x, w):
        return make_vjp(fun, x)[0](w)

    cotangent.__name__ = f"vjp_{name_of(fun)}"
    return cotangent


_MODES = {"fwd": (check_jvp, _tangent), "rev": (check_vjp, _cotangent)}


def combo_check(fun, *options, **named):
    """Check the gradients for every combination of the given arguments."""

    def check(*args, **kwargs):
        for values in product(*args, *kwargs.values()):
            keywords = dict(zip(kwargs, values[len(args) :], strict=True))
            check_grads(fun, *options, **named)(*values[: len(args)], **keywords)

    return check
