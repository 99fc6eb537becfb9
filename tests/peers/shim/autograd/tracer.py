"""What autograd's tests ask of its tracer."""

from diffkit.core.tracing import concrete as getval
from diffkit.core.tracing import is_traced as isbox

from .extend import primitive

__all__ = ["getval", "isbox", "primitive"]
