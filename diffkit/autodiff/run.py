"""One call of a function on tracers, to be swept as often as needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..core.nest import leaves, map_leaves, rebuild
from ..core.sweeps import pushforward
from ..core.tracing import Tape, Tracer, shape_of
from .arguments import matching, primals_of
from .results import (
    completed,
    differentiable,
    inside,
    owner,
    quiet_pullback,
    released,
    size_of,
    value_and_aux,
)

_TOGETHER = 16  # sweeps from which it pays to write them as a Program


class Run:
    """A function called once on tracers, to be swept as often as needed."""

    def __init__(
        self,
        f: Callable,
        primals: Sequence[Any],
        has_aux: bool = False,
        paths: Callable[[int], str] = lambda n: f"argument {n}",
    ) -> None:
        self.tape = Tape()
        self.primals = [primals_of(p, paths(n)) for n, p in enumerate(primals)]
        self.traced = [map_leaves(self.tape.input, p) for p in self.primals]
        # The function may point its own tracers elsewhere, by assigning into them.
        self.inputs = [self.tape.again(t) for _, t in leaves(self.traced)]
        result = self.tape.call(f, self.traced, {})
        aux = None
        if has_aux:
            result, aux = value_and_aux(result)
        self.result = differentiable(result)
        self.value = released(self.result, self.tape)
        self.aux = released(aux, self.tape)
        self.outputs = [leaf for _, leaf in leaves(self.result)]
        self.tape.closed = True

    def pull(self, y_bar: Any) -> list[Any]:
        """Carry a cotangent of the result back to the primals."""
        seeds = matching(y_bar, self.value, "cotangent", "result")
        bars, own = self._arrived(dict(enumerate(seeds))), owner()
        values = iter([own(completed(bars[t.index], t.value)) for t in self.inputs])
        return [rebuild(p, values) for p in self.primals]

    def _arrived(self, seeds: dict[int, Any]) -> list[Any]:
        """Pull back seeds given by output number."""
        bars: dict[int, Any] = {}
        for number, seed in seeds.items():
            output = self.outputs[number]
            if self._ours(output):
                old = bars.get(output.index)
                bars[output.index] = seed if old is None else old + seed
        return quiet_pullback(self.tape, bars)

    def push(self, tangents: Sequence[Any]) -> Any:
        """Carry tangents of the primals forward to the result."""
        dots = matching(list(tangents), self.primals, "tangent", "primal")
        by_position = {t.index: dot for t, dot in zip(self.inputs, dots, strict=True)}
        return rebuild(self.result, iter(self._moved(by_position)))

    def _moved(self, dots: dict[int, Any]) -> list[Any]:
        with np.errstate(all="ignore"):
            table = pushforward(self.tape, dots)
        return [
            completed(table[o.index] if self._ours(o) else None, inside(o, self.tape))
            for o in self.outputs
        ]

    def _ours(self, output: Any) -> bool:
        return output.__class__ is Tracer and output.tape is self.tape

    def jacobian(self, mode: str | None, bare: bool) -> Any:
        """Return, for each output leaf, the blocks by primal (`bare`: the only one)."""
        n = sum(map(size_of, self.inputs))
        m = sum(map(size_of, self.outputs))
        forward = mode == "forward" or (mode is None and n < m)
        blocks = self._at_once(forward, n if forward else m)
        if blocks is None:
            blocks = self._columns() if forward else self._rows()
        per_output = []
        for number in range(len(self.outputs)):
            values = iter(blocks[number])
            by_primal = tuple([rebuild(p, values) for p in self.primals])
            per_output.append(by_primal[0] if bare else by_primal)
        return rebuild(self.result, iter(per_output))

    def _at_once(self, forward: bool, sweeps: int) -> list[list[Any]] | None:
        """Return the blocks by sweeps done together; None where that is not possible."""
        if sweeps < _TOGETHER or not all(map(self._ours, self.outputs)):
            return None
        from . import batches  # not needed by most who import diffkit

        at_once = batches.columns if forward else batches.rows
        return at_once(self.tape, self.inputs, self.outputs)

    def _rows(self) -> list[list[Any]]:
        """One reverse sweep an output entry."""
        blocks = []
        for number, output in enumerate(self.outputs):
            rows = []
            for seed in _basis(output):
                bars = self._arrived({number: seed})
                rows.append([completed(bars[t.index], t.value) for t in self.inputs])
            blocks.append(
                [
                    _stacked([row[k] for row in rows], shape_of(output) + shape_of(t), 0, t)
                    for k, t in enumerate(self.inputs)
                ]
            )
        return blocks

    def _columns(self) -> list[list[Any]]:
        """One forward sweep an input entry."""
        blocks: list[list[Any]] = [[] for _ in self.outputs]
        for t in self.inputs:
            columns = [self._moved({t.index: seed}) for seed in _basis(t)]
            for number, output in enumerate(self.outputs):
                shape = shape_of(output) + shape_of(t)
                column = [c[number] for c in columns]
                blocks[number].append(_stacked(column, shape, -1, output))
        return blocks


def _basis(x: Any) -> Iterator[Any]:
    """Yield the unit arrays of the shape of x."""
    shape, dtype = shape_of(x), getattr(x, "dtype", np.float64)
    for i in range(size_of(x)):
        unit = np.zeros(shape, dtype)
        unit.flat[i] = 1
        yield unit[()]


def _stacked(parts: list[Any], shape: tuple, axis: int, like: Any) -> Any:
    if not parts:
        return np.zeros(shape, getattr(like, "dtype", np.float64))
    return np.stack(parts, axis).reshape(shape) if shape else parts[0]
