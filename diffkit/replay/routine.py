"""From statements to one Python function, in parts where it is too long for the compiler."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

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
    around : str
        The context manager that the body runs in, if any.
    objects : dict
        What the names in the text stand for.
    defaults : dict, parameter -> name of its default
    parameters : list of str
        What the function is called with; the inputs, unless they are taken out of nests.
    """

    name: str
    inputs: list[str]
    setup: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    body: list[Statement] = field(default_factory=list)
    returns: str = "None"
    outputs: tuple[str, ...] = ()
    rescue: list[str] = field(default_factory=list)
    around: str = ""
    objects: dict[str, Any] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    parameters: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.parameters = self.parameters or list(self.inputs)

    def take(self, parameters: list[str], paths: list[str]) -> None:
        """Take the inputs out of other parameters, at these paths."""
        self.parameters = parameters
        pairs = zip(self.inputs, paths, strict=True)
        self.taken = [f"{name} = {path}" for name, path in pairs if name != path]

    @property
    def given(self) -> str:
        """The parameters as they are passed on."""
        return ", ".join(self.parameters)

    def checked(self, conditions: Sequence[str]) -> None:
        """Pass calls that do not meet the conditions on to `strange`."""
        if not conditions:
            return
        test = [f"if not ({' and '.join(conditions)}):", f"    return strange({self.given})"]
        self.checks += test

    @property
    def shared(self) -> bool:
        """Say whether calls share arrays or globals."""
        return bool(self.setup) or len(self.body) > PART

    def source(self) -> Source:
        """Write the text."""
        parts = _parts(self.body) if len(self.body) > PART else []
        crossing = _crossing(parts, self.outputs)
        lines = list(self.setup)
        prepared = {line.split(" = ")[0] for line in self.setup} | set(self.objects)
        for number, part in enumerate(parts):
            lines += ["", *_part(f"part{number + 1}", part, self.inputs, crossing, prepared)]
        inner = [f"{_call(n, part, self.inputs)}" for n, part in enumerate(parts)]
        inner = inner or [statement.text for statement in self.body]
        inner.append(f"return {self.returns}")
        if self.around:
            inner = [f"with {self.around}:", *indented(inner)]
        if self.rescue:
            inner = ["try:", *indented(inner), *self.rescue]
        told = self.defaults
        parameters = [f"{n}={told[n]}" if n in told else n for n in self.parameters]
        lines += ["", f"def {self.name}({', '.join(parameters)}):"]
        lines += indented([*self.checks, *inner])
        return Source("\n".join(lines).strip("\n"), self.objects)

    def function(self, source: Source) -> Callable:
        """Return the function; where calls share arrays, each thread gets its own."""
        return _pooled(source, self.name) if self.shared else source.function(self.name)


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


def _pooled(source: Source, name: str) -> Callable:
    """Hand every call a copy of the function that no other call is using."""
    idle: list[Callable] = []

    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            run = idle.pop()
        except IndexError:
            run = source.function(name)
        try:
            return run(*args, **kwargs)
        finally:
            idle.append(run)

    return call
