"""`primitive`, `defvjp` and `defjvp` over rows of diffkit."""

from diffkit.core.primitive import Primitive
from diffkit.errors import MissingRule
from diffkit.primitives.rules import match, plain

from .space import vspace


def primitive(fun):
    """A row without a table, whose rules come later."""
    row = Primitive(name_of(fun), fun)
    row.__name__, row.vjps, row.jvps = row.name, {}, {}
    _add_old_names(row)

    def pull(k, bar, out, values, params):
        vjp = _rule(row, row.vjps, "VJP", k)
        if vjp is None:
            return None
        return match(vjp(out, *values, **params)(plain(bar, out)), values[k])

    def push(dots, out, values, params):
        jvps = {k: _rule(row, row.jvps, "JVP", k) for k, dot in enumerate(dots) if dot is not None}
        parts = [jvp(plain(dots[k], out), out, *values, **params) for k, jvp in jvps.items() if jvp]
        return match(sum(parts[1:], parts[0]), out) if parts else None

    row.pull, row.push = pull, push
    return row


def name_of(fun):
    return getattr(fun, "__name__", "[unknown name]")


def _rule(row, rules, what, k):
    if k not in rules:
        raise MissingRule(f"{what} of {row.name} by argument {k} is not defined")
    return rules[k]


def defvjp(row, *makers, argnums=None):
    """Each maker takes (out, *operands) and returns bar -> cotangent; None for zero."""
    row.vjps.update(zip(argnums or range(len(makers)), makers, strict=False))


def defjvp(row, *rules, argnums=None):
    """Each rule takes (dot, out, *operands); None for zero."""
    row.jvps.update(zip(argnums or range(len(rules)), rules, strict=False))


def _add_old_names(row):
    """The forms of autograd 1.0 and 1.1, in which rules take everything at once."""

    def define(rule, argnum=0):
        def maker(out, *values):
            return lambda g: rule(g, out, vspace(values[argnum]), vspace(out), *values)

        row.vjps[argnum] = maker

    row.defvjp = define
    row.defgrad = lambda rule, argnum=0: defvjp(row, rule, argnums=[argnum])
    row.defvjp_is_zero = lambda argnums=(0,): defvjp(row, *[None] * len(argnums), argnums=argnums)


notrace_primitive = lambda fun: fun
