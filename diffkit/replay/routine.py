"""From statements to one Python function, in parts where it is too long for the compiler."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from .copies import TAKE, WORDS, quiet, taking
from .text import Source, indented

_WORD = re.compile(r"[^\W\d]\w*")
PART = 2000  # statements; Python's compiler needs memory for a whole function at once


class Statement(NamedTuple):
    """One line of the body.

    Attributes
    ----------
    text : str
    target : str or None
        The local name that it binds.
    reads : tuple of str
        The local names that it uses.
    """

    text: str
    target: str | None
    reads: tuple[str, ...]


@dataclass
class Routine:
    """All of a function: what is prepared once, what is checked, computed and returned.

    Attributes
    ----------
    name : str
    inputs : list of str
    unique : callable
        Returns a name that no variable has: the wanted one, or one like it.
    setup : list of str
        Lines at module level: arrays that calls share, so one call at a time.
    checks : list of str
        Lines before the body.
    body : list of Statement
    returns : str
        The expression that is returned.
    outputs : tuple of str
        The local names that it uses.
    rescue : list of str
        Lines of an ``except`` clause round the body, if any.
    quiet : bool
        Whether the body runs where NumPy says nothing about 1/0 and its like.
    foreign : bool
        Whether the body calls functions of others.
    imports : dict, function of NumPy -> its name in the text
    objects : dict
        What the other names in the text stand for.
    parameters : str
        What the function is called with; the inputs, unless they are taken out of nests.
    given : str
        The same as they are passed on.
    taken : list of str
        Lines that take the inputs out of the parameters.
    converted : list of str
        Inputs that come as NumPy's numbers, and are made floats.
    """

    name: str
    inputs: list[str]
    unique: Callable[[str], str]
    setup: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    body: list[Statement] = field(default_factory=list)
    returns: str = "None"
    outputs: tuple[str, ...] = ()
    rescue: list[str] = field(default_factory=list)
    quiet: bool = False
    foreign: bool = False
    imports: dict[str, str] = field(default_factory=dict)
    objects: dict[str, Any] = field(default_factory=dict)
    parameters: str = ""
    given: str = ""
    taken: list[str] = field(default_factory=list)
    converted: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.parameters = self.given = ", ".join(self.inputs)
        self._dtypes: dict[np.dtype, str] = {}
        self._words: dict[str, str] = {}

    # -- names ----------------------------------------------------------------------

    def bind(self, wanted: str, value: Any) -> str:
        """Give an object a name, by which the text refers to it."""
        name = self.unique(wanted)
        self.objects[name] = value
        return name

    def numpy(self, function: str) -> str:
        """Return the name of a function of NumPy, which the text imports."""
        if function not in self.imports:
            self.imports[function] = self.unique(function)
        return self.imports[function]

    def dtype(self, dtype: np.dtype) -> str:
        """Return the name of a dtype."""
        if dtype not in self._dtypes:
            self._dtypes[dtype] = self.bind(f"{dtype.name}_", np.dtype(dtype.name))
        return self._dtypes[dtype]

    def within(self, inputs: list[str]) -> Routine:
        """Return a function inside of this one: its names mean the same."""
        inner = Routine("", inputs, self.unique, imports=self.imports, objects=self.objects)
        inner._dtypes = self._dtypes
        return inner

    # -- text -----------------------------------------------------------------------

    def checked(self, conditions: Sequence[str], otherwise: str) -> None:
        """Pass calls that do not meet the conditions on to another function."""
        if conditions:
            test = f"if not ({' and '.join(conditions)}):"
            self.checks += [test, f"    return {otherwise}({self.given})"]

    @property
    def shared(self) -> bool:
        """Say whether there is something that two calls at once must not share."""
        return self.quiet or bool(self.setup) or len(self.body) > PART

    def source(self) -> Source:
        """Write the text."""
        lines = [*self._imported(), *self.setup, *self._parts()]
        inner = [*self._inner(), f"return {self.returns}"]
        if self.rescue:
            inner = ["try:", *indented(inner), *self.rescue]
        given = ", ".join(self.inputs)
        if self.shared or self.taken or self.converted or self.given != given:
            words = self._words = {word: self.unique(word) for word in WORDS}
            lines += ["", f"def {words['steps']}({given}):", *indented(inner)]
            inner = [f"return {words['steps']}({given})"]
            if self.shared:
                inner = TAKE.format(**words, given=given).splitlines()
        lines += ["", f"def {self.name}({self.parameters}):"]
        lines += indented([*self.checks, *inner])
        return Source("\n".join(lines).strip("\n"), self.objects)

    def functions(self, source: Source) -> tuple[Callable, Callable]:
        """Return the function, and its steps as a function of the inputs, without checks."""
        space = source.namespace()
        function, words = space[self.name], self._words
        steps = space[words["steps"]] if words else function
        if not self.shared:
            return function, steps

        def ready(space: dict[str, Any]) -> Callable:
            steps = space[words["steps"]]
            return quiet(steps, self.foreign) if self.quiet else steps

        idle = space[words["idle"]] = [ready(space)]
        another = space[words["ready"]] = lambda: ready(source.namespace())
        return function, taking(idle, another)

    def _imported(self) -> list[str]:
        """Write the import of what is called; short names are looked up faster."""
        names = sorted(self.imports.items())
        told = [name if name == given else f"{name} as {given}" for name, given in names]
        return [f"from numpy import {', '.join(told)}", ""] if told else []

    def _parts(self) -> list[str]:
        """Write a long body as several functions."""
        if len(self.body) <= PART:
            return []
        parts = _parts(self.body)
        crossing = _crossing(parts, self.outputs)
        prepared = {line.split(" = ")[0] for line in self.setup}
        prepared |= {*self.objects, *self.imports.values()}
        lines: list[str] = []
        for number, part in enumerate(parts):
            lines += ["", *_part(f"part{number + 1}", part, self.inputs, crossing, prepared)]
        return lines

    def _inner(self) -> list[str]:
        """Write the body, or the calls of its parts."""
        if len(self.body) <= PART:
            return [statement.text for statement in self.body]
        calls = [_call(n, part, self.inputs) for n, part in enumerate(_parts(self.body))]
        bound = [name for name in self.outputs if name not in self.inputs]
        # What the parts return is global, also where the rescue binds it.
        return [f"global {', '.join(bound)}", *calls] if self.rescue and bound else calls


def _parts(body: Sequence[Statement]) -> list[Sequence[Statement]]:
    return [body[i : i + PART] for i in range(0, len(body), PART)]


def _crossing(parts: Sequence[Sequence[Statement]], outputs: Iterable[str]) -> set[str]:
    """Names bound in one part and used in another, or returned."""
    home = {s.target: number for number, part in enumerate(parts) for s in part if s.target}
    crossing = {name for name in outputs if name in home}
    for number, part in enumerate(parts):
        crossing.update(n for s in part for n in s.reads if home.get(n, number) != number)
    return crossing


def _part(
    name: str,
    part: Sequence[Statement],
    inputs: Sequence[str],
    crossing: set[str],
    prepared: set[str],
) -> list[str]:
    """Write one part; what was prepared comes as defaults, since local names are faster."""
    bound = [s.target for s in part if s.target in crossing]
    lines = [s.text for s in part]
    used = dict.fromkeys(word for line in lines for word in _WORD.findall(line))
    defaults = [f"{word}={word}" for word in used if word in prepared]
    if bound:
        lines.insert(0, f"global {', '.join(map(str, bound))}")
    parameters = [*_read(part, inputs), *defaults]
    return [f"def {name}({', '.join(parameters)}):", *indented(lines)]


def _call(number: int, part: Sequence[Statement], inputs: Sequence[str]) -> str:
    return f"part{number + 1}({', '.join(_read(part, inputs))})"


def _read(part: Sequence[Statement], inputs: Sequence[str]) -> list[str]:
    used = {name for statement in part for name in statement.reads}
    return [name for name in inputs if name in used]
