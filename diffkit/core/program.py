"""A Program: a Wengert list, steps in SSA form, each one primitive operation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from ..errors import ArgumentError, ProgramError, ShapeError
from ..progress import Progress
from .collecting import uncollected
from .nest import paired
from .primitive import Primitive
from .scopes import Marks, Path, path_at
from .tracing import Abstract, Tracer, shape_of

# Views of a Program that live in the layers above, imported when first asked for.
_VIEWS = {
    "to_sympy": "diffkit.symbolic.convert:to_sympy",
    "to_networkx": "diffkit.drawing.graph:to_networkx",
    "draw": "diffkit.drawing:draw",
    "compile": "diffkit.replay.programs:compile_program",
    "source": "diffkit.replay.programs:source_of",
    "batch": "diffkit.replay.batches:batch_program",
}

_SHOWN_STEPS = 40


class Step(NamedTuple):
    """One line of a Program.

    Attributes
    ----------
    name : str
    primitive : Primitive
    operands : tuple
        A str names an earlier variable; anything else is a constant.
    params : dict
        What is not differentiated: axes, shapes, indices.
    type : Abstract
        Shape and dtype of the result.
    """

    name: str
    primitive: Primitive
    operands: tuple
    params: dict[str, Any]
    type: Abstract

    def __str__(self) -> str:
        return f"{self.name} = {_expression(self)}"


class Program:
    """A list of primitive steps from named inputs to named outputs.

    Programs come from `diffkit.lower`. They are callable, printable, picklable,
    and hold no values but constants.

    Parameters
    ----------
    inputs : mapping, name -> Abstract
    steps : iterable of Step
    outputs : iterable of str
    structure : nest, optional
        The positional arguments of the function that was recorded, with input
        names as leaves (None for arguments that were not traced).
    scopes : sequence of (number of a step, path of names), optional
        From which step on which scope was open, see `diffkit.scope`.

    Raises
    ------
    ProgramError
        If a name is bound twice, used before it is bound, or never bound.

    Examples
    --------
    >>> import diffkit as dk
    >>> p = dk.lower("z = w*x + b; y = 1/(1 + exp(-z))")
    >>> print(p)
    t1 = w*x
    z = t1 + b
    t2 = -z
    t3 = exp(t2)
    t4 = 1 + t3
    y = 1/t4
    >>> float(p(w=2, x=-1, b=2))
    0.5
    """

    __slots__ = ("inputs", "outputs", "scopes", "steps", "structure", "types")

    def __init__(
        self,
        inputs: Mapping[str, Abstract],
        steps: Iterable[Step],
        outputs: Iterable[str],
        structure: Any = None,
        scopes: Marks = (),
    ) -> None:
        self.inputs = tuple(inputs)
        self.types = dict(inputs)
        self.steps = steps if isinstance(steps, tuple) else tuple(steps)
        self.outputs = tuple(outputs)
        self.structure = structure
        self.scopes = tuple(scopes)
        self._check()

    def with_steps(self, steps: Iterable[Step], outputs: Iterable[str]) -> Program:
        """Return a Program of these inputs and other steps; they are not checked."""
        made: Program = object.__new__(Program)
        made.inputs, made.types, made.structure = self.inputs, self.types, self.structure
        made.steps, made.outputs, made.scopes = tuple(steps), tuple(outputs), ()
        return made

    def _check(self) -> None:
        """Bound once, used after binding, outputs bound."""
        bound = set(self.inputs)
        for step in self.steps:
            for operand in step.operands:
                if operand.__class__ is str and operand not in bound:
                    raise ProgramError(f"{step}: {operand} is used before it is bound")
            if step.name in bound:
                raise ProgramError(f"{step}: {step.name} is bound twice")
            bound.add(step.name)
        missing = [name for name in self.outputs if name not in bound]
        if missing:
            raise ProgramError(f"the output {missing[0]} is never bound")
        if not self.outputs:
            raise ProgramError("a Program needs at least one output")

    # -- evaluation ----------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Evaluate: inputs by position or by name; one output comes back bare.

        Raises
        ------
        ArgumentError
            If an input is missing or superfluous.
        ShapeError
            If an input has another shape than the Program was recorded for.
        BranchChanged
            If these inputs would take another branch than the recorded one.
        """
        results = self.run(self.bind(args, kwargs))
        return results[0] if len(results) == 1 else tuple(results)

    def run(self, values: Mapping[str, Any]) -> list[Any]:
        """Evaluate at bound values; always a list, one value an output."""
        env = dict(values)
        for name, primitive, operands, params, _ in self.steps:
            env[name] = primitive(
                *[env[o] if o.__class__ is str else o for o in operands], **params
            )
        return [env[name] for name in self.outputs]

    def bind(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Match arguments with inputs and check their shapes."""
        given = self._by_name(args, kwargs)
        missing = [name for name in self.inputs if name not in given]
        extra = [name for name in given if name not in self.types]
        if missing or extra:
            told = [f"missing {', '.join(missing)}"] if missing else []
            told += [f"superfluous {', '.join(map(str, extra))}"] if extra else []
            raise ArgumentError(
                f"{' and '.join(told)}: the inputs are {', '.join(self.inputs) or 'none'}"
            )
        return {name: self._value(name, given[name]) for name in self.inputs}

    def _by_name(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        if self.structure is not None and len(args) == len(self.structure):
            pairs = paired(self.structure, tuple(args))
            named = {name: value for name, value in pairs if name.__class__ is str}
        else:
            if len(args) > len(self.inputs):
                raise ArgumentError(
                    f"{len(args)} positional arguments for the inputs "
                    f"{', '.join(self.inputs) or '(none)'}"
                )
            named = dict(zip(self.inputs, args, strict=False))
        twice = [name for name in kwargs if name in named]
        if twice:
            raise ArgumentError(f"{twice[0]} is given by position and by name")
        return {**named, **kwargs}

    def _value(self, name: str, value: Any) -> Any:
        wanted = self.types[name]
        if value.__class__ is not Tracer:
            value = _array(name, value, wanted)
        if shape_of(value) != wanted.shape:
            raise ShapeError(
                f"{name} has shape {shape_of(value)}, but this Program was recorded for "
                f"{wanted.shape}; lower the source again with this {name} as the example"
            )
        return value

    # -- derivatives -----------------------------------------------------------------

    def adjoint(self, wrt: str | Sequence[str] | None = None) -> Program:
        """Return the reverse-mode derivative, itself a Program.

        It holds the steps of this Program and then the backward steps, where
        ``z_bar`` is the cotangent of ``z``. A single scalar output is seeded
        with 1; otherwise the cotangent of each output is a further input.

        Parameters
        ----------
        wrt : str or sequence of str, optional
            Inputs to differentiate by; all by default.

        Returns
        -------
        Program, one output (``w_bar`` ...) for each name in `wrt`.

        Raises
        ------
        ArgumentError
            If a name in `wrt` is not an input.

        References
        ----------
        Griewank & Walther, Evaluating Derivatives, 2nd ed., section 3.2.

        Examples
        --------
        >>> import diffkit as dk
        >>> print(dk.lower("f = x*y + z").adjoint())
        t1 = x*y
        f = t1 + z
        x_bar = y
        y_bar = x
        z_bar = 1.0
        """
        from .derivatives import adjoint

        return adjoint(self, wrt)

    def tangent(self, wrt: str | Sequence[str] | None = None) -> Program:
        """Return the forward-mode derivative, itself a Program.

        Its further inputs are the tangents ``w_dot`` ... of the inputs in `wrt`,
        its outputs those of the outputs. By a single scalar input the tangent
        is 1, and the Program gives the derivative itself.

        Parameters
        ----------
        wrt : str or sequence of str, optional
            Inputs that move; all by default.

        Returns
        -------
        Program

        Raises
        ------
        ArgumentError
            If a name in `wrt` is not an input.

        References
        ----------
        Griewank & Walther, Evaluating Derivatives, 2nd ed., section 3.1.

        Examples
        --------
        >>> import diffkit as dk
        >>> print(dk.lower("y = sin(x)*x").tangent())
        t1 = sin(x)
        y = t1*x
        t1_dot = cos(x)
        t2 = t1_dot*x
        y_dot = t2 + t1
        """
        from .derivatives import tangent

        return tangent(self, wrt)

    def to_sympy(self, **options: Any) -> Any:
        """Return the outputs as SymPy expressions, see `diffkit.symbolic.to_sympy`."""
        return _view("to_sympy")(self, **options)

    def to_networkx(self, at: Any = None, wrt: Any = None) -> Any:
        """Return the Program as a networkx graph, see `diffkit.drawing.graph.to_networkx`."""
        return _view("to_networkx")(self, at, wrt)

    def draw(self, at: Any = None, wrt: Any = None, **options: Any) -> Any:
        """Return the computational graph as a picture, see `diffkit.draw`."""
        return _view("draw")(self, at, wrt, **options)

    def compile(self, **options: Any) -> Any:
        """Return this Program as a compiled function, see `diffkit.replay.compile_program`."""
        with Progress("compiling"):
            return _view("compile")(self, **options)

    def source(self, **options: Any) -> str:
        """Return the Python text of the compiled function, see `diffkit.replay.source_of`."""
        return _view("source")(self, **options)

    def batch(self, *varying: str) -> Any:
        """Return this Program over many points at once, see `diffkit.replay.batch_program`."""
        return _view("batch")(self, *varying)

    # -- looking at it ---------------------------------------------------------------

    def count(self) -> dict[str, int]:
        """Return how often each primitive occurs.

        >>> import diffkit as dk
        >>> dk.lower("x*y + x*z").count()
        {'multiply': 2, 'add': 1}
        """
        return dict(Counter(step.primitive.name for step in self.steps))

    def scope(self, number: int) -> Path:
        """Return the names of the scopes and functions in which a step was recorded."""
        return path_at(self.scopes, number)

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.steps)

    def __str__(self) -> str:
        return "\n".join(map(str, self.steps))

    def __repr__(self) -> str:
        lines = [self._headline()] + [f"    {step}" for step in self.steps[:_SHOWN_STEPS]]
        hidden = len(self.steps) - _SHOWN_STEPS
        return "\n".join(lines + ([f"    ... {hidden} more steps"] if hidden > 0 else []))

    def _headline(self) -> str:
        inputs = ", ".join(name + _shape_text(self.types[name]) for name in self.inputs)
        count = f"{len(self.steps)} step{'s' if len(self.steps) != 1 else ''}"
        return f"Program ({inputs}) -> {', '.join(self.outputs)}, {count}"

    def __getstate__(self) -> tuple:
        # Columns are pickled several times faster than rows.
        columns = [tuple(map(itemgetter(k), self.steps)) for k in range(len(Step._fields))]
        return self.types, columns, self.outputs, self.structure, self.scopes

    @uncollected()
    def __setstate__(self, state: tuple) -> None:
        types, columns, *rest = state
        self.__init__(types, map(Step, *columns), *rest)  # type: ignore[misc]


def _array(name: str, value: Any, wanted: Abstract) -> Any:
    """Return a plain value as NumPy has it; integers become floats where floats were."""
    array = np.asarray(value)
    if array.dtype.kind not in "fciub":
        raise ArgumentError(
            f"{name} is a {type(value).__name__}; give a number or an array of numbers"
        )
    if array.dtype.kind in "iub" and wanted.dtype.kind in "fc":
        array = array.astype(wanted.dtype)
    return array[()] if array.ndim == 0 else array


def _view(name: str) -> Any:
    module, _, function = _VIEWS[name].partition(":")
    return getattr(import_module(module), function)


# -- printing --------------------------------------------------------------------


def _expression(step: Step) -> str:
    names = [_operand_text(operand) for operand in step.operands]
    form = step.primitive.form
    if callable(form):
        return form(names, step.params)
    if form is None:
        said = names + [f"{key}={_param_text(v)}" for key, v in step.params.items()]
        return f"{step.primitive.name}({', '.join(said)})"
    return form.format(*[f"({name})" if name[0] == "-" else name for name in names])


def _operand_text(operand: Any) -> str:
    if operand.__class__ is str:
        return operand
    if isinstance(operand, np.ndarray) and operand.ndim:
        if operand.size <= 6:
            return str(operand.tolist())
        return f"<{'x'.join(map(str, operand.shape))} {operand.dtype}>"
    return repr(operand.item() if hasattr(operand, "item") else operand)


def _param_text(value: Any) -> str:
    return str(value) if isinstance(value, np.dtype) else repr(value)


def _shape_text(kind: Abstract) -> str:
    return str(list(kind.shape)) if kind.shape else ""
