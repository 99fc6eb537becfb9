"""Runs as a picture that moves: an SVG that plays by itself, or a page with a slider.

No other program is needed, and nothing is loaded from anywhere.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import numpy as np

from ...errors import ArgumentError
from ...sinks import sealed
from ..result import Result, number
from .comparison import COLORS
from .landscape import RESOLUTION, checked_resolution, levels, lines
from .plane import Plane, box_around, plane_of
from .words import escaped

_SIZE = (640.0, 480.0)
_PAD = (52.0, 14.0, 14.0, 40.0)  # left, right, top, bottom
_FRAMES = 300  # points of a path that are shown
_SECONDS = 0.12  # a frame
_FINEST = 0.6  # pixels: a contour need not be drawn finer


def animate(
    results: Mapping[str, Result],
    format: str = "svg",
    *,
    coordinates: Sequence[int] | None = None,
    resolution: int = RESOLUTION,
    seconds: float | None = None,
) -> str:
    """Return runs on the same function as one moving picture.

    Parameters
    ----------
    results : mapping, name -> Result
    format : "svg" or "html"
        SVG plays by itself, in slides too; the page has a slider for the step.
    coordinates, resolution : as in `Result.plot`
    seconds : float, optional
        Length of the SVG's animation; by default 0.12 a step.

    Returns
    -------
    str
        The text of the file.

    Raises
    ------
    ArgumentError
        For another format, parameters in one dimension only, or seconds that are
        no positive number.
    """
    if format not in ("svg", "html"):
        raise ArgumentError(f"an animation is 'svg' or 'html', not {format!r}")
    if seconds is not None and not 0 < _number(seconds) < math.inf:
        raise ArgumentError(f"seconds must be a positive number, not {seconds!r}")
    scene = _Scene(results, coordinates, checked_resolution(resolution))
    if format == "svg":
        return scene.svg(seconds or _SECONDS * scene.frames)
    return _page(scene)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float, np.number)) else math.nan


class _Scene:
    """Places of everything in pixels."""

    def __init__(
        self, results: Mapping[str, Result], coordinates: Sequence[int] | None, resolution: int
    ) -> None:
        self.results = dict(results)
        found = list(self.results.values())
        vectors = np.concatenate([r.path.vectors for r in found])
        self.plane: Plane = plane_of(found[0].path.layout, vectors, coordinates)
        if len(self.plane.names) < 2:
            raise ArgumentError("an animation needs two parameters; use .plot() for one")
        places = [self.plane.places(r.path.vectors) for r in found]
        self.box = box_around(places)
        x, y, heights = self.plane.grid(found[0], self.box, resolution)
        at = np.unique(levels(heights, min(r.best.f for r in found)))
        self.contours = [self.pixels(line) for line in lines(x, y, heights, at)]
        self.longest = max(len(p) for p in places)
        self.picked = np.unique(np.linspace(0, self.longest - 1, _FRAMES).astype(int))
        self.paths = [self.pixels(p[np.minimum(self.picked, len(p) - 1)]) for p in places]

    @property
    def frames(self) -> int:
        """How many pictures follow one another."""
        return len(self.picked)

    def pixels(self, places: np.ndarray) -> np.ndarray:
        """Return places of the plane in pixels; what ran away stays just outside of the frame."""
        left, right, top, bottom = _PAD
        size = np.array([_SIZE[0] - left - right, _SIZE[1] - top - bottom])
        share = (places - self.box[:, 0]) / (self.box[:, 1] - self.box[:, 0])
        share = np.nan_to_num(np.clip(share, -1, 2), nan=2.0)
        return np.array([left, top]) + np.column_stack([share[:, 0], 1 - share[:, 1]]) * size

    def svg(self, seconds: float) -> str:
        """Return the picture that plays by itself, over and over."""
        moving = []
        for i, path in enumerate(self.paths):
            color = COLORS[i % len(COLORS)]
            xs, ys = (";".join([_n(v) for v in column]) for column in path.T)
            lengths = np.concatenate(
                [[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))]
            )
            whole = max(lengths[-1], 1e-9)
            drawn = ";".join([_n(v) for v in whole - lengths])
            timing = f'dur="{seconds:g}s" repeatCount="indefinite" calcMode="discrete"'
            moving.append(
                f'<path d="{_path(path)}" fill="none" stroke="{color}" stroke-width="2" '
                f'stroke-dasharray="{_n(whole)}" stroke-dashoffset="0">'
                f'<animate attributeName="stroke-dashoffset" values="{drawn}" {timing}/></path>'
                f'<circle r="5" fill="{color}" cx="{_n(path[-1, 0])}" cy="{_n(path[-1, 1])}">'
                f'<animate attributeName="cx" values="{xs}" {timing}/>'
                f'<animate attributeName="cy" values="{ys}" {timing}/></circle>'
            )
        return self.frame("".join(moving))

    def still(self) -> str:
        """Return the whole picture, for the page's script to move."""
        parts = [
            f'<g class="path" fill="none" stroke="{COLORS[i % len(COLORS)]}" stroke-width="2">'
            f'<path d="{_path(path)}"/><circle r="5" fill="{COLORS[i % len(COLORS)]}" '
            f'cx="{_n(path[-1, 0])}" cy="{_n(path[-1, 1])}"/></g>'
            for i, path in enumerate(self.paths)
        ]
        return self.frame("".join(parts))

    def frame(self, content: str) -> str:
        """Return the picture around what moves: contours, axes, names."""
        width, height = _SIZE
        left, right, top, bottom = _PAD
        inner = (
            f'x="{_n(left)}" y="{_n(top)}" width="{_n(width - left - right)}" '
            f'height="{_n(height - top - bottom)}"'
        )
        drawn = " ".join([_path(_thinned(line)) for line in self.contours])
        name = "walk" + hashlib.sha256((drawn + content).encode()).hexdigest()[:8]
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" '
            f'role="img" aria-labelledby="{name}-title" '
            'font-family="DejaVu Sans, Verdana, Arial, Helvetica, sans-serif" font-size="13">'
            f'<title id="{name}-title">{escaped(self.told())}</title>'
            f'<clipPath id="{name}-box"><rect {inner}/></clipPath>'
            f'<rect width="{_n(width)}" height="{_n(height)}" fill="#FFFFFF"/>'
            f'<g clip-path="url(#{name}-box)">'
            f'<path d="{drawn}" fill="none" stroke="#9A9A9A" stroke-width="0.8"/>{content}</g>'
            f'<rect {inner} fill="none" stroke="#333333"/>{self.axes()}{self.legend()}</svg>\n'
        )

    def told(self) -> str:
        """Return the picture in words."""
        ends = [f"{n}: {r.status} after {r.nit} steps at f = {number(r.fun)}"
                for n, r in self.results.items()]  # fmt: skip
        return f"Paths of {len(ends)} runs over contours of f. " + "; ".join(ends)

    def axes(self) -> str:
        """Return ticks and names of the axes."""
        from matplotlib.ticker import MaxNLocator

        left, right, top, bottom = _PAD
        (low_x, high_x), (low_y, high_y) = self.box
        parts = []
        for value in _inside(MaxNLocator(6).tick_values(low_x, high_x), low_x, high_x):
            x = self.pixels(np.array([[value, low_y]]))[0, 0]
            parts.append(
                f'<text x="{_n(x)}" y="{_n(_SIZE[1] - bottom + 16)}" '
                f'text-anchor="middle">{_tick(value)}</text>'
            )
        for value in _inside(MaxNLocator(6).tick_values(low_y, high_y), low_y, high_y):
            y = self.pixels(np.array([[low_x, value]]))[0, 1]
            parts.append(
                f'<text x="{_n(left - 5)}" y="{_n(y + 4)}" text-anchor="end">{_tick(value)}</text>'
            )
        middle_x, middle_y = (left + _SIZE[0] - right) / 2, (top + _SIZE[1] - bottom) / 2
        names = [escaped(name) for name in self.plane.names]
        parts.append(
            f'<text x="{_n(middle_x)}" y="{_n(_SIZE[1] - 6)}" '
            f'text-anchor="middle">{names[0]}</text>'
        )
        parts.append(
            f'<text transform="translate(13 {_n(middle_y)}) rotate(-90)" '
            f'text-anchor="middle">{names[1]}</text>'
        )
        return "".join(parts)

    def legend(self) -> str:
        """Return the names of the runs in their colours."""
        left, _, top, _ = _PAD
        return "".join(
            [
                f'<text x="{_n(left + 10)}" y="{_n(top + 20 + 18 * i)}" font-weight="bold" '
                f'fill="{COLORS[i % len(COLORS)]}" stroke="#FFFFFF" stroke-width="3" '
                f'paint-order="stroke">{escaped(name)}</text>'
                for i, name in enumerate(self.results)
            ]
        )


def _page(scene: _Scene) -> str:
    """Return a page with the picture, a slider for the step, and the numbers of each run."""
    runs = [
        {
            "places": [[round(float(v), 1) for v in place] for place in path],
            "told": [_numbers(result, k) for k in scene.picked],
        }
        for path, result in zip(scene.paths, scene.results.values(), strict=True)
    ]
    data = json.dumps({"steps": scene.picked.tolist(), "runs": runs}, separators=(",", ":"))
    player = (files(__package__) / "animation.js").read_text(encoding="utf-8")
    script, policy = sealed(f"const DATA = {data};\n{player}")
    rows = "".join(
        [
            f'<tr style="color: {COLORS[i % len(COLORS)]}"><th>{escaped(name)}</th>'
            f"<td>{escaped(_numbers(result, scene.longest))}</td></tr>"
            for i, (name, result) in enumerate(scene.results.items())
        ]
    )
    page = (files(__package__) / "animation.html").read_text(encoding="utf-8")
    last = scene.frames - 1
    filled = {
        "POLICY": policy,
        "TITLE": escaped(scene.told()),
        "ROWS": rows,
        "LAST": str(last),
        "PICTURE": scene.still(),
        "SCRIPT": script,
    }
    return re.sub("@([A-Z]+)@", lambda mark: filled[mark[1]], page)


def _numbers(result: Result, step: int) -> str:
    """Return what is known of a run at a step; after its end, of its end."""
    k = min(int(step), len(result.path) - 1)
    path = result.path
    told = f"f = {number(path.f[k])}, |g| = {number(path.gnorm[k])}"
    return f"{told} ({result.status} at step {result.nit})" if k == result.nit else told


def _path(points: np.ndarray) -> str:
    return "M" + "L".join([f"{_n(x)},{_n(y)}" for x, y in points])


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _tick(value: float) -> str:
    return f"{value:.6g}".replace("-", "−")


def _inside(ticks: Sequence[float], low: float, high: float) -> np.ndarray:
    return np.array([tick for tick in ticks if low <= tick <= high])


def _thinned(line: np.ndarray) -> np.ndarray:
    """Leave out points that lie closer to the last one kept than can be seen."""
    kept = [line[0]]
    for point in line[1:-1]:
        if abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) > _FINEST * 4:
            kept.append(point)
    return np.array([*kept, line[-1]])
