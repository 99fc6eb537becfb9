"""The gradient to check, as flat vectors: what was returned, and whether it has the right form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..core.nest import is_nest, leaves
from .findings import Evidence, Finding, found, listed
from .problem import Block, Problem, brief


@dataclass(frozen=True)
class Answer:
    """One gradient.

    Attributes
    ----------
    flat : array, shape (n,), float64, a copy
    eps : array, shape (n,): the relative rounding of its type
    integer : array of bool, shape (n,): entries that came as whole numbers
    raw : list of arrays, as they were returned
    argument : the nest that the gradient was called with
    """

    flat: np.ndarray
    eps: np.ndarray
    integer: np.ndarray
    raw: list[np.ndarray]
    argument: Any = None

    def same_as(self, other: Answer) -> bool:
        """Say whether two gradients are equal, bit by bit."""
        return np.array_equal(self.flat, other.flat, equal_nan=True)


class Gradient:
    """The gradient as the user gives it, called on fresh copies of the point."""

    def __init__(self, problem: Problem, grad: Any, own: bool = False) -> None:
        self.problem, self.grad, self.own, self.calls = problem, grad, own, 0
        self.is_function = callable(grad)

    def _call(self, nest: Any) -> Any:
        if not self.is_function:
            return self.grad
        self.calls += 1
        with np.errstate(all="ignore"):
            return self.grad(nest)

    def at(self, flat: np.ndarray) -> Answer | Finding:
        """Return the gradient at a point, or what is wrong with its form."""
        try:
            nest = self.problem.nest_of(flat)
            answer = read(self.problem, self._call(nest))
        except Exception as error:
            if self.own:  # f cannot be traced: the error says what to write instead
                raise
            point = brief(self.problem.nest_of(flat))
            told = f"the gradient raised {type(error).__name__}: {error} (called with {point})"
            about = {"exception": f"{type(error).__name__}: {error}", "argument": point}
            return found("unexplained", "fail", Evidence(told, (), about))
        return replace(answer, argument=nest) if isinstance(answer, Answer) else answer


def read(problem: Problem, result: Any) -> Answer | Finding:
    """Take a returned gradient apart, or say what is wrong with its form."""
    parts = _parts(problem, result)
    if isinstance(parts, Finding):
        return parts
    for block, part in zip(problem.blocks, parts, strict=True):
        fault = _type_fault(block, part) or _shape_fault(block, part)
        if fault:
            return fault
    blocks = problem.blocks
    return Answer(
        np.concatenate([np.ravel(part).astype(float) for part in parts]),
        np.repeat([_eps(part) for part in parts], [block.size for block in blocks]),
        np.repeat([part.dtype.kind in "iub" for part in parts], [block.size for block in blocks]),
        parts,
    )


def _eps(part: np.ndarray) -> float:
    return float(np.finfo(part.dtype).eps) if part.dtype.kind == "f" else 0.0


def _parts(problem: Problem, result: Any) -> list[np.ndarray] | Finding:
    """Return one array for each leaf of x."""
    paths = [block.name for block in problem.blocks]
    if not is_nest(problem.nest):
        return [_array(result)]
    if not is_nest(result):
        return _wrong_form(f"the gradient is {_described(result)}, but x is {_outline(problem)}")
    root = paths[0][: len(paths[0]) - len(next(leaves(problem.nest))[0])]
    given = {path: _array(leaf) for path, leaf in leaves(result, root)}
    missing = [path for path in paths if path not in given]
    if not missing and len(given) == len(paths):
        return [given[path] for path in paths]
    if len(given) == len(paths):  # a tuple for a dict, say: the order tells
        return list(given.values())
    if missing and not set(given) - set(paths):
        told = f"the gradient has no part for {listed(missing)}"
        return found("missing_parameter", "fail", Evidence(told, tuple(missing)))
    return _wrong_form(f"the gradient has {len(given)} parts, but x is {_outline(problem)}")


def _array(leaf: Any) -> np.ndarray:
    try:
        return np.asarray(leaf)
    except (ValueError, TypeError):
        return np.asarray(None)


def _outline(problem: Problem) -> str:
    shapes = [f"{block.name} of shape {block.shape}" for block in problem.blocks]
    return f"a nest of {listed(shapes)}"


def _described(result: Any) -> str:
    array = _array(result)
    return f"one array of shape {array.shape}" if array.dtype.kind in "fiub" else brief(result)


def _wrong_form(told: str, **constants: Any) -> Finding:
    return found("shape_mismatch", "fail", Evidence(told, (), constants))


def _type_fault(block: Block, part: np.ndarray) -> Finding | None:
    if part.dtype.kind in "fiub":
        return None
    what = "None: is a return missing?" if part.dtype == object else f"{part.dtype} numbers"
    if part.dtype == object and part.shape:
        what = "an array of Python objects"
    told = f"the gradient by {block.name} is {what}"
    return found("dtype", "fail", Evidence(told, (block.name,), {"dtype": str(part.dtype)}))


def _shape_fault(block: Block, part: np.ndarray) -> Finding | None:
    if part.shape == block.shape or (part.size == 1 and block.shape == ()):
        return None
    told = (
        f"the gradient by {block.name} has shape {part.shape}, but {block.name} has "
        f"{block.shape}{_shape_hint(block, part)}"
    )
    shapes = {"shape": part.shape, "expected": block.shape}
    return found("shape_mismatch", "fail", Evidence(told, (block.name,), shapes))


def _shape_hint(block: Block, part: np.ndarray) -> str:
    for fits, hint in _HINTS:
        if fits(block.shape, part.shape):
            return hint
    return ""


_HINTS: tuple[tuple[Callable, str], ...] = (
    (lambda x, a: a == (), ": was it summed?"),
    (lambda x, a: len(x) > 1 and a == x[::-1], ": it is transposed"),
    (lambda x, a: np.prod(x) == np.prod(a), ": a reshape is missing"),
    (lambda x, a: len(a) > len(x) and a[-len(x) :] == x, ": sum it over the leading axes"),
    (lambda x, a: len(a) > len(x) and a[: len(x)] == x, ": sum it over the trailing axes"),
    (lambda x, a: len(a) < len(x) and a == x[-len(a) :], ": it was summed over a leading axis"),
    (lambda x, a: len(a) < len(x) and a == x[: len(a)], ": it was summed over a trailing axis"),
)
