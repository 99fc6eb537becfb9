"""Geometry that tests and benchmarks of drawings share: overlaps, and crossings of wires."""

from itertools import combinations, pairwise

_PIECES = 12  # straight pieces that stand for a curve
_HAIR = 1e-7  # times the square of the number of wires: far less than their distance


def overlap(a, b, slack=0.01):
    """Whether two rectangles (left, top, right, bottom) share more than a border."""
    return (
        a[0] < b[2] - slack and b[0] < a[2] - slack and a[1] < b[3] - slack and b[1] < a[3] - slack
    )


def polyline(path):
    """The points of a path of M, L and C pieces, curves in short straight pieces."""
    points = []
    for kind, *ends in path:
        if kind == "C":
            start = points[-1]
            points += [bezier(start, *ends, k / _PIECES) for k in range(1, _PIECES + 1)]
        else:
            points += ends
    return points


def bezier(a, b, c, d, t):
    """The point of a cubic curve at t."""
    s = 1 - t
    weights = s**3, 3 * s * s * t, 3 * s * t * t, t**3
    return tuple(sum(w * p[i] for w, p in zip(weights, (a, b, c, d), strict=True)) for i in (0, 1))


def enters(points, rectangle):
    """Whether a polyline passes through a rectangle (Liang and Barsky's clipping)."""
    return any(_clipped(a, b, rectangle) for a, b in pairwise(points))


def _clipped(a, b, rectangle, slack=0.01):
    low, high = 0.0, 1.0
    for i in (0, 1):
        first, last = rectangle[i] + slack, rectangle[i + 2] - slack
        run = b[i] - a[i]
        if run == 0:
            if not first < a[i] < last:
                return False
            continue
        near, far = sorted(((first - a[i]) / run, (last - a[i]) / run))
        low, high = max(low, near), min(high, far)
    return low < high


def crossings(wires):
    """Count crossings of polylines; `wires` maps pairs of ends to points.

    Wires with a common end are not counted: where they touch is a matter of taste.
    Each wire is shifted by a hair of its own. Otherwise crossings at a corner of both
    polylines, which symmetric pictures are full of, would not be proper ones.
    """
    wires = {
        key: [(x + _HAIR * k, y + _HAIR * k * k) for x, y in points]
        for k, (key, points) in enumerate(wires.items())
    }
    boxes = {key: _box(points) for key, points in wires.items()}
    total = 0
    for (key, first), (other, second) in combinations(wires.items(), 2):
        if not set(key) & set(other) and overlap(boxes[key], boxes[other], -1e-9):
            total += _meetings(first, second)
    return total


def _box(points):
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _meetings(first, second):
    found = 0
    for a, b in pairwise(first):
        for c, d in pairwise(second):
            found += _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0
    return found


def _side(a, b, c):
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
