"""Comparisons, logic and what has no derivative: masks are steps like any other."""

import operator

import numpy as np

from .rules import row

# Comparisons answer with truth values, which do not vary continuously: they have
# no partials, and no cotangent ever passes them.
# fmt: off
greater       = row("greater",       operator.gt,      None, "Gt", form="{0} > {1}")
greater_equal = row("greater_equal", operator.ge,      None, "Ge", form="{0} >= {1}")
less          = row("less",          operator.lt,      None, "Lt", form="{0} < {1}")
less_equal    = row("less_equal",    operator.le,      None, "Le", form="{0} <= {1}")
equal         = row("equal",         operator.eq,      None, "Eq", form="{0} == {1}")
not_equal     = row("not_equal",     operator.ne,      None, "Ne", form="{0} != {1}")

logical_and   = row("logical_and",   np.logical_and,   None, "And", form="{0} & {1}")
logical_or    = row("logical_or",    np.logical_or,    None, "Or",  form="{0} | {1}")
logical_xor   = row("logical_xor",   np.logical_xor,   None, "Xor", form="{0} ^ {1}")
logical_not   = row("logical_not",   np.logical_not,   None, "Not", form="~{0}")

bitwise_and   = row("bitwise_and",   np.bitwise_and,   None, "And", form="{0} & {1}")
bitwise_or    = row("bitwise_or",    np.bitwise_or,    None, "Or",  form="{0} | {1}")
bitwise_xor   = row("bitwise_xor",   np.bitwise_xor,   None, "Xor", form="{0} ^ {1}")
invert        = row("invert",        np.invert,        None, "Not", form="~{0}")

# A real symbol is finite and never nan; over numbers NumPy answers.
isfinite      = row("isfinite",      np.isfinite,      None, lambda sp, x: sp.true)
isinf         = row("isinf",         np.isinf,         None, lambda sp, x: sp.false)
isnan         = row("isnan",         np.isnan,         None, lambda sp, x: sp.false)
signbit       = row("signbit",       np.signbit,       None, lambda sp, x: sp.Lt(x, 0))
# fmt: on
