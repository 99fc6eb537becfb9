"""What autograd's tests ask of its core."""

from .extend import defjvp, defvjp, primitive
from .space import vspace
from .unary import make_jvp, make_vjp

__all__ = ["defjvp", "defvjp", "make_jvp", "make_vjp", "primitive", "primitive_vjps", "vspace"]

primitive_vjps = {}
