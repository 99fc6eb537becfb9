"""Programs whose gradient's work is counted: lectures, surveys, and random ones.

Every function here returns a Program. `CASES` names groups of them; the adjoint
of each is to have at most `LIMIT` times its steps.

References
----------
Baur & Strassen, The complexity of partial derivatives (1983).
Griewank & Walther, Evaluating Derivatives, 2nd ed., section 4.6.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

import diffkit as dk
from diffkit.core.program import Program

LIMIT = 5


def operation_ratio(program: Program) -> float:
    """Return steps of the adjoint (which repeats the primal's) over steps of the primal.

    Every step counts one, copies that only name a result included.
    """
    return len(program.adjoint()) / len(program)


# -- scalar programs ---------------------------------------------------------------


def sigmoid_loss() -> Program:
    """The running example of the lectures."""
    return dk.lower("z = w*x + b; y = 1/(1 + exp(-z)); L = (y - t)**2/2")


def softplus_twice() -> Program:
    """softplus(softplus(w*x + b))."""
    return dk.lower("s = log(1 + exp(w*x + b)); y = log(1 + exp(s))")


def logistic_map(n: int = 10) -> Program:
    """l_1 = x, l_{k+1} = 4 l_k (1 - l_k) (Baydin et al., JMLR 18(153), 2018, Table 1)."""
    steps = [f"l{k + 1} = 4*l{k}*(1 - l{k})" for k in range(1, n)]
    return dk.lower("; ".join(steps))


def speelpenning(n: int = 20) -> Program:
    """The product of n variables."""
    return dk.lower("*".join(f"x{i}" for i in range(1, n + 1)))


def helmholtz(n: int = 3) -> Program:
    """Helmholtz free energy of a mixture, array by array; R = T = 1.

    At x_i = 0.1 i/n it is -0.522251152449011 for n = 3.

    References
    ----------
    Griewank, On automatic differentiation (1989), section 3.
    """
    x = 0.1 * np.arange(1, n + 1) / n
    i = np.arange(n)
    b, mixing = x, 0.1 / (i[:, None] + i + 1)

    def energy(x: Any) -> Any:
        bx = b @ x
        low, high = 1 + (1 - np.sqrt(2)) * bx, 1 + (1 + np.sqrt(2)) * bx
        ideal = np.sum(x * np.log(x / (1 - bx)))
        return ideal - x @ mixing @ x / (np.sqrt(8) * bx) * np.log(high / low)

    return dk.lower(energy, x)


# -- networks and losses -----------------------------------------------------------

ACTIVATIONS: dict[str, Callable] = {
    "relu": lambda z: np.maximum(z, 0.0),
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
}
BATCH, WIDTH, CLASSES = 5, 4, 3


def _numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape)


def mlp(layers: int, activation: str) -> Program:
    """Mean squared error of a network, by its weights, biases and data."""
    act = ACTIVATIONS[activation]

    def loss(weights: list, biases: list, x: Any, t: Any) -> Any:
        for w, b in zip(weights, biases, strict=True):
            x = act(x @ w + b)
        return np.mean((x - t) ** 2)

    weights = [_numbers(WIDTH, WIDTH) for _ in range(layers)]
    biases = [_numbers(WIDTH) for _ in range(layers)]
    return dk.lower(loss, weights, biases, _numbers(BATCH, WIDTH), _numbers(BATCH, WIDTH))


def softmax_cross_entropy() -> Program:
    """Of a linear classifier, the largest score taken out first."""
    onehot = np.eye(CLASSES)[np.arange(BATCH) % CLASSES]

    def loss(w: Any, b: Any, x: Any) -> Any:
        scores = x @ w + b
        shifted = scores - np.max(scores, axis=1, keepdims=True)
        log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
        return -np.mean(np.sum(onehot * log_p, axis=1))

    return dk.lower(loss, _numbers(WIDTH, CLASSES), _numbers(CLASSES), _numbers(BATCH, WIDTH))


def multiclass_hinge() -> Program:
    """Margins of 1 between the right class and every other, of a linear classifier."""
    rows, labels = np.arange(BATCH), np.arange(BATCH) % CLASSES
    others = 1 - np.eye(CLASSES)[labels]

    def loss(w: Any, b: Any, x: Any) -> Any:
        scores = x @ w + b
        right = scores[rows, labels][:, None]
        return np.mean(np.sum(others * np.maximum(scores - right + 1, 0.0), axis=1))

    return dk.lower(loss, _numbers(WIDTH, CLASSES), _numbers(CLASSES), _numbers(BATCH, WIDTH))


def least_squares() -> Program:
    """Half the squared norm of X theta - y."""

    def loss(theta: Any, x: Any, y: Any) -> Any:
        residual = x @ theta - y
        return 0.5 * np.sum(residual**2)

    return dk.lower(loss, _numbers(WIDTH), _numbers(BATCH, WIDTH), _numbers(BATCH))


# -- random programs ---------------------------------------------------------------

UNARY = ("sin({})", "cos({})", "exp({})", "log({})", "tanh({})", "sqrt({})", "{}**2")
BINARY = ("{} + {}", "{} - {}", "{}*{}", "{}/{}")
INPUTS = ("x", "y", "z")
FEWEST, MOST = 5, 60


def random_scalar(seed: int) -> Program:
    """A random program of 5 to 60 steps, none of them in vain.

    A variable that nobody has used yet is preferred as an operand, and what is
    left over is multiplied together at the end: unused steps would have no
    adjoint and flatter the ratio.
    """
    draw = random.Random(seed)
    length = draw.randint(FEWEST, MOST)
    known, unused = list(INPUTS), list(INPUTS)
    lines: list[str] = []
    while len(lines) + len(unused) - 1 < length or len(unused) > 1:
        last = len(lines) + len(unused) - 1 >= length
        form = "{}*{}" if last else draw.choice(UNARY + BINARY)
        operands = [_operand(draw, known, unused) for _ in range(form.count("{}"))]
        name = f"v{len(lines) + 1}"
        lines.append(f"{name} = {form.format(*operands)}")
        known.append(name)
        unused.append(name)
    return dk.lower("\n".join(lines))


def _operand(draw: random.Random, known: list[str], unused: list[str]) -> str:
    """Take an unused variable if there is one, in two cases of three; else any."""
    if unused and draw.random() < 2 / 3:
        return unused.pop(draw.randrange(len(unused)))
    name = draw.choice(known)
    if name in unused:
        unused.remove(name)
    return name


CASES: dict[str, Iterable[Callable[[], Program]]] = {
    "sigmoid loss": (sigmoid_loss,),
    "softplus of softplus": (softplus_twice,),
    "logistic map, n = 10": (logistic_map,),
    "Speelpenning, n = 20": (speelpenning,),
    "Helmholtz, n = 3": (helmholtz,),
    **{
        f"MLP, 1 to 5 layers, {name}": tuple(partial(mlp, n, name) for n in range(1, 6))
        for name in ACTIVATIONS
    },
    "softmax cross-entropy": (softmax_cross_entropy,),
    "multiclass hinge": (multiclass_hinge,),
    "least squares": (least_squares,),
    "200 random scalar programs": tuple(partial(random_scalar, seed) for seed in range(200)),
}
