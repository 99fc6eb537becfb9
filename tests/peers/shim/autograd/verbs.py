"""autograd's verbs over diffkit's."""

import numpy as np

import diffkit as dk

from . import unary
from .space import vspace
from .wrap_util import unary_to_nary

make_vjp = unary_to_nary(unary.make_vjp)
make_jvp = unary_to_nary(unary.make_jvp)


def _single(fun):
    """autograd's grad takes arrays of one entry, too."""

    def number(x):
        y = fun(x)
        return np.reshape(y, ()) if np.ndim(y) and np.size(y) == 1 else y

    return number


@unary_to_nary
def grad(fun, x):
    return dk.grad(_single(fun))(x)


@unary_to_nary
def value_and_grad(fun, x):
    return dk.value_and_grad(_single(fun))(x)


@unary_to_nary
def grad_and_aux(fun, x):
    return dk.grad(fun, has_aux=True)(x)


@unary_to_nary
def holomorphic_grad(fun, x):
    return dk.grad(lambda x: np.real(fun(x)))(x)


@unary_to_nary
def elementwise_grad(fun, x):
    return dk.elementwise_grad(fun)(x)


@unary_to_nary
def deriv(fun, x):
    return dk.jvp(fun, (x,), (vspace(x).ones(),))[1]


@unary_to_nary
def jacobian(fun, x):
    return dk.jacobian(fun)(x)


@unary_to_nary
def hessian(fun, x):
    return dk.hessian(_single(fun))(x)


@unary_to_nary
def make_hvp(fun, x):
    return unary.make_vjp(dk.grad(fun), x)


def hessian_tensor_product(fun, argnum=0):
    def product(*args, **kwargs):
        *args, tensor = args

        def of_one(x):
            return fun(*args[:argnum], x, *args[argnum + 1 :], **kwargs)

        return dk.hvp(of_one, args[argnum], tensor)

    return product


def tensor_jacobian_product(fun, argnum=0):
    def weighted(*args, **kwargs):
        *args, tensor = args
        return np.tensordot(tensor, fun(*args, **kwargs), np.ndim(tensor))

    return jacobian(weighted, argnum)


hessian_vector_product = hessian_tensor_product
vector_jacobian_product = tensor_jacobian_product


def make_ggnvp(f, g=lambda y: np.sum(y**2, axis=-1) / 2, f_argnum=0):
    """Products with J^T H J: J of f at x, H of g at f(x)."""

    @unary_to_nary
    def product_at(f, x):
        y, pull = dk.vjp(f, x)
        return lambda v: pull(dk.hvp(g, y, dk.jvp(f, (x,), (v,))[1]))[0]

    return product_at(f, f_argnum)


def checkpoint(fun):
    """diffkit keeps what it recorded; only the derivative is compared."""
    return fun
