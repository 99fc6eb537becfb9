"""Gradient checkers side by side: who catches a planted mistake, who blames a right gradient.

`python -m tests.benchmarks.checkers` prints the table, one row a cause.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import diffkit as dk
from diffkit.core.nest import leaves
from diffkit.tables import text_table

from ..checking_cases import CORRECT, PLANTED, Planted
from .findings import Finding
from .harness import Effort

SEED = 5
SCIPY_JUDGE = 1e-5  # scipy returns an error; who calls it judges, here relative to 1 + |gradient|


@dataclass(frozen=True)
class Task:
    """A case as the other checkers take it: one array in, nests joined to one vector."""

    f: Callable[[np.ndarray], float]
    x: np.ndarray
    g: Callable[[np.ndarray], np.ndarray]


def task_of(case: Planted) -> Task:
    """Draw the case anew: some of them keep state."""
    f, x, g = case.make(np.random.default_rng(SEED))
    g = dk.grad(f) if g is None else g
    if not isinstance(x, dict):
        return Task(lambda z: f(z.copy()), np.array(x, dtype=float), lambda z: g(z.copy()))
    sizes = {name: np.shape(leaf) for name, leaf in x.items()}
    ends = np.cumsum([np.prod(shape, dtype=int) for shape in sizes.values()])[:-1]

    def nest(z: np.ndarray) -> dict[str, np.ndarray]:
        parts = zip(sizes.items(), np.split(z, ends), strict=True)
        return {name: part.reshape(shape) for (name, shape), part in parts}

    def joined(slopes: Any) -> np.ndarray:
        return np.concatenate([np.ravel(leaf) for _, leaf in leaves(slopes)])

    return Task(lambda z: f(nest(z)), joined(x).astype(float), lambda z: joined(g(nest(z))))


# -- the checkers: True if they accept, False or an exception if they do not -------------------


def diffkit(case: Planted) -> bool:
    """Accept what does not fail."""
    f, x, g = case.make(np.random.default_rng(SEED))
    return dk.gradcheck(f, x, g, seed=0).verdict != "fail"


def torch_gradcheck(case: Planted, fast_mode: bool = False) -> bool:
    """Run torch.autograd.gradcheck on a custom function."""
    import torch

    task = task_of(case)

    class Custom(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return torch.tensor(float(task.f(x.detach().numpy())), dtype=torch.float64)

        @staticmethod
        def backward(ctx: Any, bar: Any) -> Any:
            (x,) = ctx.saved_tensors
            return bar * torch.as_tensor(task.g(x.detach().numpy()))

    x = torch.tensor(task.x, requires_grad=True)
    return torch.autograd.gradcheck(Custom.apply, (x,), fast_mode=fast_mode)


def torch_fast(case: Planted) -> bool:
    """Run it along one random direction."""
    return torch_gradcheck(case, fast_mode=True)


def scipy_check_grad(case: Planted) -> bool:
    """Judge the number that scipy.optimize.check_grad returns."""
    from scipy.optimize import check_grad

    task = task_of(case)
    shape = task.x.shape
    flat = lambda z: np.ravel(task.g(z.reshape(shape)))
    error = check_grad(lambda z: task.f(z.reshape(shape)), flat, task.x.ravel())
    return bool(error <= SCIPY_JUDGE * (1 + np.linalg.norm(flat(task.x.ravel()))))


def jax_check_grads(case: Planted) -> bool:
    """Run jax.test_util.check_grads on a custom_vjp over callbacks."""
    import jax
    from jax.test_util import check_grads

    logging.getLogger("jax").setLevel(logging.CRITICAL)  # it logs what callbacks raise
    task = task_of(case)
    number = jax.ShapeDtypeStruct((), np.float64)

    @jax.custom_vjp
    def f(x: Any) -> Any:
        return jax.pure_callback(lambda z: np.float64(task.f(np.array(z))), number, x)

    def forward(x: Any) -> Any:
        return f(x), x

    def backward(x: Any, bar: Any) -> Any:
        like = jax.ShapeDtypeStruct(x.shape, np.float64)
        slope = jax.pure_callback(lambda z: np.asarray(task.g(np.array(z)), float), like, x)
        return (bar * slope,)

    f.defvjp(forward, backward)
    check_grads(f, (task.x,), order=1, modes=["rev"])
    return True


def autograd_check_grads(case: Planted) -> bool:
    """Run autograd.test_util.check_grads on a primitive."""
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    task = task_of(case)
    f = primitive(lambda z: float(task.f(z)))
    defvjp(f, lambda out, z: lambda bar: bar * task.g(z))
    check_grads(f, modes=["rev"], order=1)(task.x)
    return True


CHECKERS: dict[str, Callable[[Planted], bool]] = {
    "diffkit": diffkit,
    "torch": torch_gradcheck,
    "torch fast": torch_fast,
    "scipy": scipy_check_grad,
    "jax": jax_check_grads,
    "autograd": autograd_check_grads,
}


# -- the table -----------------------------------------------------------------------------


def accepts(check: Callable[[Planted], bool], case: Planted) -> bool:
    """Run a checker quietly; an exception is a rejection."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        np.random.seed(SEED)  # noqa: NPY002 (autograd draws its direction from there)
        try:
            return bool(check(case))
        except ImportError:
            raise
        except Exception:
            return False


def explained(case: Planted) -> bool:
    """Say whether diffkit's report names the cause."""
    f, x, g = case.make(np.random.default_rng(SEED))
    return dk.gradcheck(f, x, g, seed=0).cause == case.cause


def wrong_and_right() -> tuple[list[Planted], list[Planted]]:
    """Return the planted mistakes, and the gradients that must not be blamed."""
    everything = PLANTED + CORRECT
    return [c for c in everything if c.verdict == "fail"], [
        c for c in everything if c.verdict != "fail"
    ]


def side_by_side() -> dict[str, dict[str, list[bool]]]:
    """Return, by checker and case group ("cause" or "right: cause"), what was accepted."""
    os.environ.setdefault("JAX_ENABLE_X64", "1")
    wrong, right = wrong_and_right()
    table: dict[str, dict[str, list[bool]]] = {}
    for name, check in CHECKERS.items():
        groups: dict[str, list[bool]] = defaultdict(list)
        for case in wrong:
            groups[case.cause].append(accepts(check, case))
        for case in right:
            groups[f"right: {case.cause}"].append(accepts(check, case))
        table[name] = groups
    return table


def checkers(effort: Effort) -> list[Finding]:
    """Count what each checker misses and blames, and what diffkit explains."""
    return counts(side_by_side())


def counts(table: dict[str, dict[str, list[bool]]]) -> list[Finding]:
    """Return the sums of the table."""
    wrong, right = wrong_and_right()
    found = []
    for name, groups in table.items():
        kinds: Counter[str] = Counter()
        for group, accepted in groups.items():
            is_right = group.startswith("right")
            kinds["blamed" if is_right else "missed"] += sum(a != is_right for a in accepted)
        most = 0 if name == "diffkit" else None
        found.append(Finding(f"missed by {name}", kinds["missed"], f"of {len(wrong)}", most))
        found.append(Finding(f"blamed by {name}", kinds["blamed"], f"of {len(right)} right", most))
    named = sum(map(explained, wrong + right))
    total = len(wrong + right)
    found.append(Finding("explained by diffkit (the others: 0)", named, f"of {total}"))
    return found


def main() -> None:
    """Print the table."""
    table = side_by_side()
    rows = []
    for group in table["diffkit"]:
        right = group.startswith("right")
        cells = [f"{sum(a == right for a in table[name][group])}" for name in CHECKERS]
        rows.append([group, str(len(table["diffkit"][group])), *cells])
    print("Planted mistakes that are caught, and right gradients that are not blamed:\n")
    print(text_table(["cause", "cases", *CHECKERS], rows))
    print()
    for finding in counts(table):
        print(f"{finding.what:<40}{finding.value:>4} {finding.unit}")


if __name__ == "__main__":
    main()
