"""Families of functions that grow with n, for `dk.swell_study`.

A family is any function of n that returns a source. These return texts, one statement
a line of the formula, and say what to differentiate by and where they come from.

>>> print(logistic(2))
s1 = 4*x*(1 - x); s2 = 4*s1*(1 - s1)
>>> logistic.wrt
'x'
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from .errors import ArgumentError

FAMILIES: dict[str, Family] = {}


class Family:
    """A function of n that returns a source, with what is known about it.

    Attributes
    ----------
    name : str
    wrt : str or None
        The input to differentiate by; None for all.
    source : str
        Where it comes from.
    """

    def __init__(self, build: Callable[[int], str], wrt: str | None, source: str) -> None:
        self.build = build
        self.name = build.__name__
        self.wrt = wrt
        self.source = source
        self.__doc__ = f"{build.__doc__}\n\n    By {wrt or 'all inputs'}. {source}"

    def __call__(self, n: int) -> str:
        """Return the text for depth n.

        Raises
        ------
        ArgumentError
            If n is not a whole number, 1 or more.
        """
        try:
            depth = operator.index(n)
        except TypeError:
            depth = 0
        if depth < 1:
            raise ArgumentError(f"{self.name}({n!r}): give a whole number of levels, 1 or more")
        return self.build(depth)

    def __repr__(self) -> str:
        return f"<family {self.name}: {(self.build.__doc__ or '').splitlines()[0]}>"


def family(*, wrt: str | None, source: str) -> Callable[[Callable[[int], str]], Family]:
    """Make a function of n a family, and put it into the table."""

    def made(build: Callable[[int], str]) -> Family:
        found = FAMILIES[build.__name__] = Family(build, wrt, source)
        return found

    return made


def _iterated(form: str, n: int, start: str = "x") -> str:
    """Write s1 = form(start), s2 = form(s1), ...; {k} is the number of the level."""
    names = [start, *(f"s{k}" for k in range(1, n + 1))]
    return "; ".join(f"s{k} = {form.format(s=names[k - 1], k=k)}" for k in range(1, n + 1))


# -- one value handed on -------------------------------------------------------------------


@family(wrt="w1", source="The lectures' nested neuron, each with its own weight and bias.")
def softplus(n: int) -> str:
    """log(1 + exp(w_k*s + b_k)), nested."""
    return _iterated("log(1 + exp(w{k}*{s} + b{k}))", n)


@family(wrt="w", source="The lectures' nested neuron, all with one weight and bias.")
def softplus_shared(n: int) -> str:
    """log(1 + exp(w*s + b)), nested."""
    return _iterated("log(1 + exp(w*{s} + b))", n)


@family(wrt="x", source="Baydin et al., JMLR 18(153), 2018, Table 1.")
def logistic(n: int) -> str:
    """4*s*(1 - s), iterated."""
    return _iterated("4*{s}*(1 - {s})", n)


@family(wrt="x", source="The simplest iteration that uses its argument twice.")
def x_sin_x(n: int) -> str:
    """s*sin(s), iterated."""
    return _iterated("{s}*sin({s})", n)


@family(wrt="x", source="The chain rule's own example.")
def nested_sqrt(n: int) -> str:
    """sqrt(1 + s), nested."""
    return _iterated("sqrt(1 + {s})", n)


@family(wrt="x", source="The chain rule's own example.")
def nested_exp(n: int) -> str:
    """exp(s), nested."""
    return _iterated("exp({s})", n)


@family(wrt="x", source="Repeated squaring, Knuth, TAOCP 2, section 4.6.3.")
def product_tower(n: int) -> str:
    """s*s, iterated: x**(2**n)."""
    return _iterated("{s}*{s}", n)


@family(wrt="a", source="Heron's method: Newton's for s**2 = a, from the guess s0.")
def newton_sqrt(n: int) -> str:
    """(s + a/s)/2, iterated."""
    return _iterated("({s} + a/{s})/2", n, start="s0")


@family(wrt="w", source="Elman, Finding structure in time, Cognitive Science 14, 1990.")
def recurrent_cell(n: int) -> str:
    """tanh(w*s + u*x_k + b), a cell that reads one input a step."""
    return _iterated("tanh(w*{s} + u*x{k} + b)", n, start="h")


@family(wrt="x", source="Khinchin, Continued Fractions, chapter 1.")
def continued_fraction(n: int) -> str:
    """a_k + 1/s, nested."""
    return _iterated("a{k} + 1/{s}", n)


@family(wrt="x", source="Horner's rule, Knuth, TAOCP 2, section 4.6.4.")
def polynomial_horner(n: int) -> str:
    """s*x + a_k, from s = a0: a polynomial of degree n."""
    return _iterated("{s}*x + a{k}", n, start="a0")


@family(wrt="x", source="Baydin et al., JMLR 18(153), 2018: factors that share a variable.")
def product_of_sums(n: int) -> str:
    """s*(a_k + b_k*x), iterated."""
    return _iterated("{s}*(a{k} + b{k}*x)", n, start="c")


@family(wrt=None, source="Speelpenning, thesis 1980; Griewank & Walther, section 3.3.")
def speelpenning(n: int) -> str:
    """x0*x1*...*xn: n products."""
    return _iterated("{s}*x{k}", n, start="x0")


# -- two values handed on --------------------------------------------------------------------


@family(wrt="x", source="Fibonacci's recurrence with products: the tree grows as his numbers.")
def fibonacci(n: int) -> str:
    """e_k = e_(k-1)*e_(k-2), from e_0 = x and e_1 = cos(x)."""
    names = ["x", *(f"e{k}" for k in range(1, n + 2))]
    steps = [f"{names[k]} = {names[k - 1]}*{names[k - 2]}" for k in range(2, n + 2)]
    return "; ".join(["e1 = cos(x)", *steps])


@family(
    wrt="a1", source="Laplace's expansion by the last row, for a tridiagonal matrix (Muir 1882)."
)
def determinant(n: int) -> str:
    """d_k = a_k*d_(k-1) - b_k*c_k*d_(k-2), the determinant of a k by k tridiagonal matrix."""
    names = ["", "a1", *(f"d{k}" for k in range(2, n + 1))]
    steps = ["d2 = a2*a1 - b2*c2"] if n > 1 else ["d1 = a1"]
    steps += [f"d{k} = a{k}*{names[k - 1]} - b{k}*c{k}*{names[k - 2]}" for k in range(3, n + 1)]
    return "; ".join(steps)


@family(wrt="x1", source="Partial products added up, as in a series.")
def sum_of_products(n: int) -> str:
    """x1 + x1*x2 + ... + x1*...*x_n*x_(n+1)."""
    steps = []
    for k in range(1, n + 1):
        product, total = (f"p{k - 1}", f"s{k - 1}") if k > 1 else ("x1", "x1")
        steps += [f"p{k} = {product}*x{k + 1}", f"s{k} = {total} + p{k}"]
    return "; ".join(steps)


# -- sums over k -------------------------------------------------------------------------------


def _summed(forms: list[str], name: str = "s") -> str:
    """Write s1 = form1, s2 = s1 + form2, ..."""
    steps = [f"{name}1 = {forms[0]}"]
    steps += [f"{name}{k} = {name}{k - 1} + {form}" for k, form in enumerate(forms[1:], 2)]
    return "; ".join(steps)


@family(wrt="x", source="The monomial basis: each power by itself.")
def polynomial_expanded(n: int) -> str:
    """a_1*x**1 + ... + a_n*x**n."""
    return _summed([f"a{k}*x**{k}" for k in range(1, n + 1)])


@family(wrt=None, source="Boyd & Vandenberghe, Convex Optimization, section 3.1.5.")
def log_sum_exp(n: int) -> str:
    """log(exp(z1) + ... + exp(zn))."""
    return _summed([f"exp(z{k})" for k in range(1, n + 1)]) + f"; y = log(s{n})"


@family(wrt=None, source="The lectures' loss of a classifier: n scores, the first class is right.")
def softmax_cross_entropy(n: int) -> str:
    """log(exp(z1) + ... + exp(zn)) - z1."""
    return log_sum_exp(n) + "; L = y - z1"


# -- networks ----------------------------------------------------------------------------------


def _perceptron(n: int, activation: str) -> str:
    """N layers of two units without biases, from x1, x2 to the sum of the last two."""
    a, b, steps = "x1", "x2", []
    for k in range(1, n + 1):
        for unit in "ab":
            inner = f"{unit}{k}u*{a} + {unit}{k}v*{b}"
            steps.append(f"{unit}{k} = " + activation.format(inner))
        a, b = f"a{k}", f"b{k}"
    return "; ".join([*steps, f"y = {a} + {b}"])


_NET = "Rumelhart, Hinton & Williams, Nature 323, 1986, two units a layer."


@family(wrt="x1", source=_NET)
def mlp_tanh(n: int) -> str:
    """A perceptron of n layers of two tanh units."""
    return _perceptron(n, "tanh({})")


@family(wrt="x1", source=_NET)
def mlp_relu(n: int) -> str:
    """A perceptron of n layers of two units max(0, z)."""
    return _perceptron(n, "max(0, {})")


@family(wrt="x1", source=_NET)
def mlp_sigmoid(n: int) -> str:
    """A perceptron of n layers of two units 1/(1 + exp(-z))."""
    return _perceptron(n, "1/(1 + exp(-({})))")


def _hidden_layer(n: int, activation: str) -> str:
    """One hidden layer of n units, from x to their weighted sum."""
    units = [activation.format(f"w{k}*x + b{k}") for k in range(1, n + 1)]
    return _summed([f"v{k}*{unit}" for k, unit in enumerate(units, 1)])


_WIDE = "Cybenko, Math. Control Signals Systems 2, 1989: one hidden layer."


@family(wrt="x", source=_WIDE)
def mlp_width_tanh(n: int) -> str:
    """v_1*tanh(w_1*x + b_1) + ... + v_n*tanh(w_n*x + b_n): n hidden units."""
    return _hidden_layer(n, "tanh({})")


@family(wrt="x", source=_WIDE)
def mlp_width_relu(n: int) -> str:
    """v_1*max(0, w_1*x + b_1) + ...: n hidden units."""
    return _hidden_layer(n, "max(0, {})")


@family(wrt="x", source=_WIDE)
def mlp_width_sigmoid(n: int) -> str:
    """v_1/(1 + exp(-(w_1*x + b_1))) + ...: n hidden units."""
    return _hidden_layer(n, "(1/(1 + exp(-({}))))")


def named(name: Any) -> Family:
    """Return the family of this name.

    Raises
    ------
    ArgumentError
        If there is none, with those that there are.
    """
    if name not in FAMILIES:
        raise ArgumentError(f"{name!r} is not a family; there are {', '.join(FAMILIES)}")
    return FAMILIES[name]


__all__ = ["FAMILIES", "Family", "family", "named", *FAMILIES]


def __dir__() -> list[str]:
    """Offer the families and what belongs to them, not what builds them."""
    return sorted(__all__)
