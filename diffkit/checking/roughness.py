"""Where f is not smooth: kinks, jumps, edges of its domain, noise."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from .. import finite
from .problem import Problem

SMALL = (1e-3, 1e-5, 1e-7, 3.7e-8, 1e-9)  # steps, relative to x, at which a jump stays a jump
COARSE = 3e-7  # relative; float32 has smaller steps than this, rounding to decimals larger ones
DOUBLE = 1e-12  # steps of float64 are below this
CLOSE = 2.0**-30  # a step, relative to x, that float64 sees and float32 does not
EPS = float(np.finfo(float).eps)
NOISY = 1e-9  # relative noise above which f counts as noisy
# Evenly spaced points may hit a fast oscillation at equal phases; these are uneven.
PLACES = np.arange(-8, 8) + np.modf(np.arange(16) * 0.6180339887)[0]


class Rough(NamedTuple):
    """What is wrong with f along a line: the cause, both slopes, and the size of a jump."""

    cause: str
    left: float = np.nan
    right: float = np.nan
    bar: float = np.inf
    jump: float = 0.0

    @property
    def hull(self) -> tuple[float, float]:
        """The valid subgradients."""
        return min(self.left, self.right) - self.bar, max(self.left, self.right) + self.bar


def examine(line: Callable, origin: Any, base: Any) -> Rough | None:
    """Say what is wrong with a function of one number at a point, None if it looks smooth."""
    x, line = float(origin), cache(line)
    right = finite.derivative(line, origin, bounds=(x, None))
    left = finite.derivative(line, origin, bounds=(None, x))
    values = float(left.value), float(right.value)
    bar = 3 * float(left.error + right.error)
    size = abs(x) or 1.0
    if not all(map(np.isfinite, values)):
        inside = np.isfinite(line(x + SMALL[-1] * size)) and np.isfinite(line(x - SMALL[-1] * size))
        return None if inside else Rough("domain_edge", *values, bar)
    jump = _jump(line, x, size)
    if jump:
        return Rough(_of_height(abs(jump) / abs(float(line(x)) or jump)), *values, jump=jump)
    step, narrow = _plateau(line, x, size)
    if step:
        cause = _of_height(min(step, COARSE) if narrow else step)
        return Rough(cause, *values, jump=step * abs(float(line(origin))))
    if not _bends(line, x, size):
        return None
    noise = _noise_beside(line, x, size, max(values, key=abs), base)
    blur = noise.relative / EPS * 3 * float(right.rounding + left.rounding)
    blur = max(blur, 8 * noise.sigma / (SMALL[0] * size))
    if abs(values[0] - values[1]) <= blur:
        cause = "low_precision" if noise.single else "noise_floor"
        return Rough(cause, *values, jump=noise.sigma)
    return Rough("kink", *values, bar)


def _noise_beside(line: Callable, x: float, size: float, slope: float, base: Any) -> Noise:
    """Measure noise close by: what is rough at x itself would look like it."""
    for place in (x + size / 64, x - size / 64):
        noise = noise_of(line, place, size, slope, base)
        if np.isfinite(noise.sigma):
            return noise
    return noise_of(line, x, size, slope, base)


def _of_height(step: float) -> str:
    """Return what makes steps of a relative height: arithmetic, or f itself."""
    if step <= DOUBLE:
        return "noise_floor"
    return "low_precision" if step <= COARSE else "discontinuous"


def _bends(line: Callable, x: float, size: float) -> bool:
    """Say whether the slope changes at x itself: the change must not shrink with the step."""
    wide, close = (_bend(line, x, h * size) for h in SMALL[:2])
    visible = 16 * EPS * abs(float(line(x))) / (SMALL[1] * size)
    return abs(close) > max(0.7 * abs(wide), visible)


def _bend(line: Callable, x: float, h: float) -> float:
    base = float(line(x))
    return ((float(line(x + h)) - base) - (base - float(line(x - h)))) / h


def _jump(line: Callable, x: float, size: float) -> float:
    """Return the limit of f(x+h) - f(x-h) if it is not 0."""
    gaps = [float(line(x + h * size)) - float(line(x - h * size)) for h in SMALL]
    if not np.all(np.isfinite(gaps)) or not gaps[-1]:
        return 0.0
    steady = max(abs(gap - gaps[-1]) for gap in gaps[-3:]) < 0.01 * abs(gaps[-1])
    return gaps[-1] if steady else 0.0


def _plateau(line: Callable, x: float, size: float) -> tuple[float, bool]:
    """Return the relative height of the steps of a function that is flat between them.

    Also whether all its values are numbers of float32.
    """
    base = float(line(x))
    wide = [float(line(x + side * h * size)) for h in (1e-1, 1e-2) for side in (1, -1)]
    near = [float(line(x + side * h * size)) for h in SMALL[1:] for side in (1, -1)]
    flat = [sum(value == base for value in near[side::2]) for side in (0, 1)]
    heights = [abs(value - base) for value in near if value != base]
    reach = max(abs(value - base) for value in wide)
    if min(flat) < 2 or not reach > 0:  # at a kink it may be flat on one side
        return 0.0, False
    return min(heights or [reach]) / max(abs(base), reach), _narrow(np.array([base, *wide, *near]))


def _narrow(values: np.ndarray) -> bool:
    """Say whether all values are numbers of float32, and not just small whole ones."""
    with np.errstate(over="ignore"):
        same = np.all(values == values.astype(np.float32))
    return bool(same) and not np.all(values * 64 == np.round(values * 64))


class Noise(NamedTuple):
    """The noise of f near x."""

    sigma: float
    relative: float
    single: bool  # it is that of float32 (or less), not of float64


def noise_of(line: Callable, origin: float, size: float, slope: float, base: Any) -> Noise:
    """Measure the noise of a function of one number with a known slope: 32 calls.

    The noise is what a polynomial of degree 5 does not follow at neighbouring points.

    References
    ----------
    Moré & Wild, Estimating computational noise, SIAM J. Sci. Comput. 33 (2011).
    """
    values = np.array([float(line(origin + t * 2.0**-20 * size)) for t in PLACES])
    close = np.array([float(line(origin + k * CLOSE * size)) for k in range(-8, 8)])
    scale = max(float(np.max(np.abs(values))), 1e-300)
    sigma = _unfollowed(values) if np.all(np.isfinite(values)) else np.nan
    visible = abs(slope) * CLOSE * size > 8 * EPS * scale
    stairs = visible and len(set(close.tolist())) <= len(close) // 4
    single = base.dtype.itemsize < 8 or stairs or _narrow(np.append(values, close))
    return Noise(sigma, sigma / scale, bool(single))


def _unfollowed(values: np.ndarray, degree: int = 5) -> float:
    """Return the standard deviation of what is left of values after fitting a polynomial."""
    powers = np.vander(PLACES / np.max(np.abs(PLACES)), degree + 1)
    shifted = values - values[0]
    scale = np.max(np.abs(shifted)) or 1.0  # squares of 1e200 are no numbers
    left = shifted / scale - powers @ np.linalg.lstsq(powers, shifted / scale)[0]
    return float(scale * np.sqrt(np.sum(left**2) / (len(values) - degree - 1)))


def line_of(problem: Problem, direction: np.ndarray) -> Callable:
    """Return f as a function of t at x + t*direction."""

    def line(t: Any) -> Any:
        return problem.known_at((problem.x + t * direction).astype(problem.dtype))

    return line
