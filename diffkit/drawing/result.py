"""What `draw` returns: a picture that can be looked at, saved, and shown step by step."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..core.program import Program
from ..errors import ArgumentError, SmallLabelsWarning
from ..files import write_whole
from .captions import with_captions
from .latex import latex
from .scene import Moment, Scene
from .themes import SIZES, Theme
from .writers import writer

_SLIDE = (960.0, 540.0)  # points, 16:9
_READABLE = 18.0  # points, from the last row


@dataclass(frozen=True, repr=False)
class Drawing:
    """A picture of a Program.

    Attributes
    ----------
    program : Program
    at : dict, input -> value, or None
    graph : networkx.DiGraph
        What is drawn, see `diffkit.drawing.graph.to_networkx`.
    scene : Scene
        Boxes, wires and labels.
    theme : Theme
    direction : "LR" or "TB"
    notes : tuple of str
        What the picture does not show, and why.
    digits : int
        Significant digits of its numbers.
    view : str
    """

    program: Program
    at: dict[str, Any] | None
    graph: Any
    scene: Scene
    theme: Theme
    direction: str = "LR"
    notes: tuple[str, ...] = ()
    digits: int = 3
    view: str = "dag"

    @property
    def steps(self) -> tuple[Moment, ...]:
        """The steps of the passes, in order; `frames` writes a file for each."""
        return self.scene.moments

    @cached_property
    def scene_with_captions(self) -> Scene:
        """The scene with the captions of all steps: what frames are made of."""
        return with_captions(self.scene)

    def scene_at(self, step: int | None = None) -> Scene:
        """Return the whole picture, or how it looks after a step (negative from the end)."""
        if step is None:
            return self.scene.final()
        return self.scene_with_captions.at(self.numbered(step))

    def numbered(self, step: int) -> int:
        """Return the number of a step, counted from the start."""
        count = len(self.steps)
        if step not in range(-count, count):
            known = f"the steps are 0 to {count - 1}" if count else "this view has none"
            raise ArgumentError(f"there is no step {step!r}; {known}")
        return int(step) % count

    def svg(self, step: int | None = None) -> str:
        """Return the picture as SVG text.

        Parameters
        ----------
        step : int, optional
            Show the state after this step, with its formula below.

        Examples
        --------
        >>> import diffkit as dk
        >>> dk.draw("x*y").svg()[:40]
        '<svg xmlns="http://www.w3.org/2000/svg" '
        """
        return writer("svg").write(self, step).decode()

    def save(self, path: str | os.PathLike, step: int | None = None) -> Path:
        """Write the picture to a file; the suffix of its name says in which format.

        Raises
        ------
        ArgumentError
            If the suffix is not known; the known ones are listed.
        """
        return write_whole(path, writer(Path(path).suffix).write(self, step))

    def frames(self, directory: str | os.PathLike, format: str = "svg") -> list[Path]:
        """Write one file a step, all of the same size, and where the format has pages one of all.

        Returns
        -------
        list of Path, in the order of the steps; a file of all steps is the last.

        Raises
        ------
        ArgumentError
            If the view has no steps.

        Warns
        -----
        SmallLabelsWarning
            If on a slide of 16:9 the labels would be smaller than 18 points.
        """
        if not self.steps:
            raise ArgumentError(f'the view "{self.view}" has no steps; save writes the picture')
        self._warn_if_small()
        chosen, directory = writer(format), Path(directory)
        directory.mkdir(parents=True, exist_ok=True)
        suffix, digits = format.lstrip(".").lower(), len(str(len(self.steps)))
        paths = [
            write_whole(directory / f"step-{i:0{digits}}.{suffix}", chosen.write(self, i))
            for i in range(len(self.steps))
        ]
        if hasattr(chosen, "write_steps"):
            paths.append(write_whole(directory / f"steps.{suffix}", chosen.write_steps(self)))
        return paths

    def player(self, step: int | None = None) -> Any:
        """Return the lecture player: one HTML page with all steps, formulas and sliders.

        It needs no network. ``save("lecture.html")`` writes it; Jupyter shows it in a frame.

        Examples
        --------
        >>> import diffkit as dk
        >>> dk.draw("x*y", {"x": 2, "y": 3}).player().startswith("<!DOCTYPE html>")
        True
        """
        from .player import page

        return page(self, step)

    def text(self, step: int | None = None) -> str:
        """Return the list of steps with values, gradients and local factors.

        Graphs of at most 20 nodes are drawn above it as wires.
        """
        return writer("txt").text(self, step)

    @property
    def points_on_slide(self) -> float:
        """The size of values, gradients and names, in points, on a slide of 16:9."""
        scene = self.scene_with_captions
        scale = min(_SLIDE[0] / scene.width, _SLIDE[1] / scene.height)
        return scale * SIZES["value"]

    def _warn_if_small(self) -> None:
        if self.points_on_slide < _READABLE:
            warnings.warn(
                f"on a slide the labels would have {self.points_on_slide:.0f} points, "
                f'less than {_READABLE:.0f}; draw fewer steps, labels=("value", "gradient"), '
                "or a smaller collapse=",
                SmallLabelsWarning,
                stacklevel=3,
            )

    def latex(self) -> str:
        """Return the expression as LaTeX."""
        return latex(self.program)

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {
            "image/svg+xml": self.svg(),
            "text/latex": f"$\\displaystyle {self.latex()}$",
            "text/plain": self.text(),
        }
