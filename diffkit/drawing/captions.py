"""Lines under a picture: what each step computes, notes, and its description in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..sinks import visible
from .metrics import LINE, text_width
from .moments import tell
from .scene import Label, Scene
from .themes import BOLD, SIZES
from .wording import Line, Wording

_GAP = 10.0
_LONGEST = 2000  # characters of a description


def with_captions(scene: Scene) -> Scene:
    """Add every step's captions under the picture; all frames have room for the longest."""
    lines = [(i, k, text) for i, m in enumerate(scene.moments) for k, text in enumerate(m.captions)]
    if not lines:
        return scene
    height = SIZES["caption"] * LINE
    rows = max(k for _, k, _ in lines) + 1
    width = max(scene.width, *[text_width(text, SIZES["caption"]) + 28 for *_, text in lines])
    scene = scene.moved((width - scene.width) / 2, 0)
    labels = [
        Label(
            "caption", text, "", width / 2, scene.height + (k + 0.5) * height,
            text_width(text, SIZES["caption"]), height, when=i, until=i,
        )
        for i, k, text in lines
    ]  # fmt: skip
    return replace(
        scene,
        width=width,
        height=scene.height + rows * height + _GAP,
        labels=(*scene.labels, *labels),
    )


def with_lines(scene: Scene, lines: Sequence[Sequence[Line]]) -> Scene:
    """Add lines under the picture, each made of pieces with roles of their own."""
    if not lines:
        return scene
    width = max([scene.width, *[sum([piece.width for piece in line]) + 28 for line in lines]])
    scene = scene.moved((width - scene.width) / 2, 0)
    labels, bottom = [], scene.height
    for line in lines:
        x = (width - sum([piece.width for piece in line])) / 2
        height = max([piece.height for piece in line])
        for piece in line:
            middle = x + piece.width / 2
            labels.append(
                Label(piece.role, piece.text, "", middle, bottom + height / 2, piece.width, height)
            )
            x += piece.width
        bottom += height
    return replace(scene, width=width, height=bottom + _GAP, labels=(*scene.labels, *labels))


def with_notes(scene: Scene, notes: Sequence[str]) -> Scene:
    """Add what the picture does not show."""
    return with_lines(scene, [[Line("note", visible(note))] for note in notes])


def beside(left: Scene, right: Scene, headings: tuple[str, str]) -> Scene:
    """Return two pictures side by side under their headings."""
    top = SIZES["heading"] * LINE + _GAP
    pair = [left.moved(0, top), right.moved(0, top)]
    pair = [_headed(scene, text, top) for scene, text in zip(pair, headings, strict=True)]
    height = max(scene.height for scene in pair)
    first = pair[0]
    second = pair[1].moved(first.width, 0).renamed(lambda name: f"{name} (shared)")
    return replace(
        first,
        width=second.width,
        height=height,
        boxes=first.boxes + second.boxes,
        wires=first.wires + second.wires,
        labels=first.labels + second.labels,
        moments=(),
    )


def _headed(scene: Scene, text: str, top: float) -> Scene:
    width = text_width(text, SIZES["heading"], "heading" in BOLD)
    wide = max(scene.width, width + 28)
    scene = replace(scene.moved((wide - scene.width) / 2, 0), width=wide)
    label = Label("heading", text, "", wide / 2, top / 2 + 4, width, SIZES["heading"] * LINE)
    return replace(scene, labels=(*scene.labels, label))


def described(graph: Any, wording: Wording) -> str:
    """Return the picture in words, for who cannot see it."""
    captions = [
        caption for moment in tell(graph, wording, "both").moments for caption in moment.captions
    ]
    text = "; ".join(captions)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
