"""Imports point down, and the public names are what they say."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import diffkit as dk

PACKAGE = Path(dk.__file__).parent

# Each line imports only from lines below it (or, within a folder, from its own).
LAYERS = [
    ["__main__"],
    ["cli"],
    ["testing"],
    ["comparison", "checking", "drawing", "optimize", "swelling"],
    ["symbolic", "families"],
    ["finite"],
    ["autodiff", "losses"],
    ["replay"],
    ["frontends"],
    ["scipy"],
    ["primitives"],
    ["core"],
    ["errors", "files", "progress", "sinks", "tables"],
]
HEIGHT = {name: -height for height, line in enumerate(LAYERS) for name in line}


def imported_parts(path):
    """The parts of diffkit that a file imports, wherever in the file."""
    own = path.relative_to(PACKAGE).parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = own[: len(own) - node.level]
            parts = [*base, *(node.module or "").split(".")]
            parts = [part for part in parts if part]
            yield from [parts[0]] if parts else [alias.name for alias in node.names]
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [a.name for a in node.names] + [getattr(node, "module", None) or ""]
            assert not any(n.split(".")[0] == "diffkit" for n in names), f"{path} imports diffkit"


def test_imports_point_down():
    """No module imports from a layer above its own, nor diffkit itself."""
    for path in PACKAGE.rglob("*.py"):
        own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if own == "__init__":
            continue
        for part in imported_parts(path):
            if part != "__version__":
                assert HEIGHT[part] < HEIGHT[own] or part == own, f"{path} imports {part}"


def test_the_page_draws_these_layers():
    """docs/how_it_works.md shows them as they are, line by line."""
    page = (PACKAGE.parent / "docs" / "how_it_works.md").read_text()
    drawn = page.split("## 13. The layers")[1].split("\n\n")[2]
    lines = [re.sub(r"\(.*\)", "", line).split() for line in drawn.splitlines()]
    assert [sorted(line) for line in lines] == [sorted(line) for line in LAYERS[1:]]


def test_every_part_has_a_layer():
    """A new module must be given its place."""
    parts = {path.name.removesuffix(".py") for path in PACKAGE.iterdir() if path.suffix == ".py"}
    parts |= {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert parts - {"__init__"} == set(HEIGHT)


def test_all_is_importable_and_complete():
    """Every name in __all__ is there, and tab completion shows it."""
    for name in dk.__all__:
        assert getattr(dk, name) is not None
        assert name in dir(dk)


def test_import_brings_only_numpy():
    """`import diffkit` loads neither SymPy nor matplotlib nor any other dependency."""
    heavy = ["sympy", "mpmath", "scipy", "networkx", "graphviz", "matplotlib", "rich", "inspect_"]
    code = f"import sys, diffkit; print([m for m in {heavy!r} if m in sys.modules])"

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )

    assert loaded.stdout.strip() == "[]"
