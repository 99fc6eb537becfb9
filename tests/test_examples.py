"""Every script in examples/ runs, keeps its own promises, and prints what it found."""

import runpy
from pathlib import Path

import pytest

SCRIPTS = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))
LONGEST = 70  # lines, docstring and blank lines included


def test_there_are_examples():
    """A wrong path would make the other tests pass by finding nothing."""
    assert len(SCRIPTS) >= 6


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_example_runs(script, capsys):
    """The script asserts what it shows, and shows something."""
    runpy.run_path(str(script), run_name="__main__")

    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_example_is_short_and_says_what_it_shows(script):
    """A docstring of one sentence first; short enough to be read at once."""
    text = script.read_text(encoding="utf-8")

    assert text.startswith('"""')
    assert "assert " in text
    assert len(text.splitlines()) <= LONGEST
