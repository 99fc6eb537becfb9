"""From tapes to Programs, and from a Program to its adjoint and its tangent."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, NotDifferentiable
from ..progress import OFTEN, Progress
from .collecting import uncollected
from .naming import Names
from .primitive import PRIMITIVES
from .program import Program, Step
from .scopes import Marks, Path
from .sweeps import pullback, pushforward
from .tracing import Abstract, AbstractTape, Tape, Tracer, abstract_of

_AUTOMATIC = re.compile(r"t\d+_")


def finish(
    tape: Tape,
    inputs: Mapping[str, Tracer],
    outputs: Sequence[Any],
    names: Mapping[int, str],
    output_names: Sequence[str] = (),
    structure: Any = None,
    marks: Sequence[tuple[int, Path]] = (),
) -> Program:
    """Turn a tape into a Program; the tape is used up.

    Parameters
    ----------
    tape : Tape
    inputs : mapping, name -> tracer on this tape
    outputs : sequence of tracers or constants
    names : mapping, position -> wanted name
    output_names : sequence of str, optional
        What the outputs must be called; a copy step renames where needed.
    structure : nest, optional
        See `Program`.
    marks : sequence of (position, path), optional
        From where on the tape which scope was open.
    """
    names = dict(names)
    results = _named_outputs(tape, outputs, names, output_names)
    types = {name: abstract_of(tracer) for name, tracer in inputs.items()}
    chosen = _position_names(tape, inputs, names)
    scopes = _by_step(marks, tape)
    steps = []
    for position, (row, record) in enumerate(zip(tape.rows, tape.records, strict=True)):
        if row is None or record is None:
            continue
        (primitive, params), (values, slots, out) = row, record
        pairs = zip(slots, values, strict=True)
        operands = tuple([chosen[slot] if slot >= 0 else value for slot, value in pairs])
        steps.append(Step(chosen[position], primitive, operands, params, abstract_of(out)))
        tape.records[position] = None  # a long tape and its Program need not coexist
    return Program(types, steps, [chosen[result.index] for result in results], structure, scopes)


def _by_step(marks: Sequence[tuple[int, Path]], tape: Tape) -> Marks:
    """Return marks that count steps, where inputs have no number."""
    if not marks:
        return ()
    before = [0, *itertools.accumulate(row is not None for row in tape.rows)]
    return tuple([(before[position], path) for position, path in marks])


def _named_outputs(
    tape: Tape, outputs: Sequence[Any], names: dict[int, str], output_names: Sequence[str]
) -> list[Tracer]:
    """Make every output a variable of this tape, of the name that it must have."""
    results = []
    for output, name in itertools.zip_longest(outputs, output_names):
        ours = output.__class__ is Tracer and output.tape is tape
        if not ours or (name is not None and names.get(output.index) != name):
            output = tape.record(PRIMITIVES["copy"], (output,), {})
            if name is not None:
                names[output.index] = name
        results.append(output)
    return results


def _position_names(
    tape: Tape, inputs: Mapping[str, Tracer], wanted: Mapping[int, str]
) -> list[str]:
    """Choose a name for every position: inputs, the wanted ones, then t1, t2, ..."""
    chosen = {tracer.index: name for name, tracer in inputs.items()}
    names = Names([*inputs, *wanted.values()])
    given = set(inputs)
    for position in sorted(wanted):
        if position not in chosen:
            name = wanted[position]
            chosen[position] = names.unique(name) if name in given else name
            given.add(chosen[position])
    return [chosen.get(i) or names.fresh() for i in range(len(tape.records))]


# -- a Program on a new tape -------------------------------------------------------


class _Replay:
    """The steps of a Program, recorded again on an abstract tape.

    `forward` holds those steps with tracers as values, and only the operands that
    depend on an active input keep their slots: what the sweeps need.
    """

    def __init__(self, program: Program, active: Sequence[str], progress: Progress) -> None:
        self.program = program
        self.progress = progress
        self.tape = AbstractTape()
        self.inputs = {name: self.tape.input(program.types[name]) for name in program.inputs}
        self.env: dict[str, Tracer] = dict(self.inputs)
        self.slot = {name: self.inputs[name].index for name in active}
        self.forward = Tape()
        for tracer in self.inputs.values():
            self.forward.input(tracer)
        for step in progress.over(program.steps):
            self._record(step)
        self.given = {tracer.index for tracer in self.inputs.values()}
        self.primal = {tracer.index for tracer in self.env.values()}
        self.names = {self.env[step.name].index: step.name for step in program.steps}

    def _record(self, step: Step) -> None:
        values = tuple([self.env[o] if o.__class__ is str else o for o in step.operands])
        slots = tuple([self.slot.get(o, -1) if o.__class__ is str else -1 for o in step.operands])
        out = self.tape.record(step.primitive, values, step.params)
        self.env[step.name] = out
        if max(slots, default=-1) >= 0 and step.primitive.pull is not None:
            self.slot[step.name] = out.index
        self.forward.append((step.primitive, step.params), (values, slots, out), out)

    @property
    def marks(self) -> list[tuple[int, Path]]:
        """The scopes of the Program's own steps; derivatives are outside of them."""
        scopes, inputs, steps = self.program.scopes, self.program.inputs, self.program.steps
        end = [(len(steps), ())] if scopes else []
        return [(number + len(inputs), path) for number, path in [*scopes, *end]]

    def add_input(self, name: str, kind: Abstract) -> Tracer:
        """Add an input that the Program did not have (a seed)."""
        self.inputs[name] = self.tape.input(kind)
        return self.inputs[name]

    def note(self, suffix: str) -> Callable[[int, Any], None]:
        """Name what a sweep finds for variable i: its name and a suffix.

        One value can belong to several variables (adding passes a cotangent on
        unchanged): the first name that the user chose wins, else the first.
        """
        variables = {tracer.index: name for name, tracer in self.env.items()}

        def seen(position: int, value: Any) -> None:
            if not position % OFTEN:
                self.progress.update(min(self.progress.done + OFTEN, 2 * len(self.program)))
            value = getattr(value, "bar", value)  # a Masked cotangent
            if value.__class__ is not Tracer or value.index in self.primal:
                return
            name = variables[position] + suffix
            old = self.names.get(value.index)
            chosen = position not in self.given and not _AUTOMATIC.match(name)
            if old is None or (chosen and _AUTOMATIC.match(old)):
                self.names[value.index] = name

        return seen


def _selected(program: Program, wrt: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the inputs to differentiate by."""
    if wrt is None:
        return tuple(n for n in program.inputs if program.types[n].dtype.kind in "fc")
    names = (wrt,) if isinstance(wrt, str) else tuple(wrt)
    for name in names:
        if name not in program.types:
            raise ArgumentError(
                f"{name!r} is not an input; the inputs are {', '.join(program.inputs) or 'none'}"
            )
        if program.types[name].dtype.kind not in "fc":
            raise NotDifferentiable(f"the input {name} is {program.types[name].dtype}")
    return names


@uncollected()
def adjoint(program: Program, wrt: str | Sequence[str] | None) -> Program:
    """See `Program.adjoint`."""
    wrt = _selected(program, wrt)
    with Progress("adjoint", 2 * len(program)) as progress:
        return _adjoint(_Replay(program, wrt, progress), wrt)


def _adjoint(replay: _Replay, wrt: Sequence[str]) -> Program:
    program = replay.program
    bars: dict[int, Any] = {}
    for name in dict.fromkeys(program.outputs):
        if name not in replay.slot:
            continue
        out = replay.env[name]
        scalar = len(program.outputs) == 1 and not out.shape
        seed = 1 if scalar else replay.add_input(f"{name}_bar", abstract_of(out))
        bars[replay.slot[name]] = seed
    arrived = pullback(replay.forward, bars, replay.note("_bar"))
    gradients = [_complete(arrived[replay.slot[name]], program.types[name]) for name in wrt]
    return finish(
        replay.tape,
        replay.inputs,
        gradients,
        replay.names,
        [f"{name}_bar" for name in wrt],
        marks=replay.marks,
    )


@uncollected()
def tangent(program: Program, wrt: str | Sequence[str] | None) -> Program:
    """See `Program.tangent`."""
    wrt = _selected(program, wrt)
    with Progress("tangent", 2 * len(program)) as progress:
        return _tangent(_Replay(program, wrt, progress), wrt)


def _tangent(replay: _Replay, wrt: Sequence[str]) -> Program:
    program = replay.program
    single = len(wrt) == 1 and not program.types[wrt[0]].shape
    dots = {
        replay.slot[name]: 1 if single else replay.add_input(f"{name}_dot", program.types[name])
        for name in wrt
    }
    table = pushforward(replay.forward, dots, replay.note("_dot"))
    tangents = [
        _complete(
            table[replay.slot[name]] if name in replay.slot else None,
            abstract_of(replay.env[name]),
        )
        for name in program.outputs
    ]
    return finish(
        replay.tape,
        replay.inputs,
        tangents,
        replay.names,
        [f"{name}_dot" for name in program.outputs],
        marks=replay.marks,
    )


def _complete(value: Any, kind: Abstract) -> Any:
    """Return a derivative as a value of its variable's kind; zeros if nothing arrived."""
    value = getattr(value, "bar", value)  # a Masked cotangent
    if value is None or value.__class__ in (int, float):
        return np.full(kind.shape, value or 0, kind.dtype)[()]
    return value
