"""A Beamer lecture on backpropagation: every step of the graph is an overlay of one slide."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import diffkit as dk

SLIDES = {
    "A product and a sum": ("d = x*y; f = d + z", {"x": 2, "y": -5, "z": 3}),
    "A variable that is used twice": ("d = x*y; f = d + x", {"x": 2, "y": -5}),
    "A squared error": ("r = w*x - t; L = r**2/2", {"w": 0.5, "x": 2, "t": 3}),
}

TALK = r"""\documentclass[aspectratio=169]{beamer}
\usepackage{tikz}
\begin{document}
%s
\end{document}
"""


def main():
    folder = Path(tempfile.mkdtemp())
    frames, overlays = [], 0
    for number, (title, (text, at)) in enumerate(SLIDES.items()):
        picture = dk.draw(text, at, labels=["value", "gradient", "name", "sum"])
        steps = picture.frames(folder / f"slide{number}", "tex")[-1]
        frames.append(rf"\begin{{frame}}{{{title}}}\centering\input{{{steps}}}\end{{frame}}")
        overlays += len(picture.steps)
        assert picture.points_on_slide >= 18
    talk = folder / "talk.tex"
    talk.write_text(TALK % "\n".join(frames))
    print(f"{talk}: {len(frames)} slides with {overlays} overlays in all")

    # x is used twice, so its gradient is a sum: y from the product, 1 from the sum.
    used_twice = dk.draw(*SLIDES["A variable that is used twice"])
    assert "−5.00 + 1.00 = −4.00" in used_twice.svg()
    assert used_twice.graph.nodes["x"]["gradient"] == -4

    if shutil.which("pdflatex"):
        command = ["pdflatex", "-interaction=nonstopmode", talk.name]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace")
        assert f"({overlays} pages" in done.stdout or "beamer.cls" in done.stdout
        print(f"compiled: {talk.with_suffix('.pdf')}")


if __name__ == "__main__":
    main()
