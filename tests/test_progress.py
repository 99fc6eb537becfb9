"""The line of progress: nothing at first, then how far it is; gone or kept at the end."""

import io
from contextlib import contextmanager

import pytest

from diffkit.progress import Progress


class Screen(io.StringIO):
    """A stderr that says it is a terminal, or is none."""

    def __init__(self, terminal):
        super().__init__()
        self.isatty = lambda: terminal


@pytest.fixture(params=[True, False], ids=["terminal", "log"])
def screen(request):
    return Screen(request.param)


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr("diffkit.progress.PATIENCE", 0.0)


@contextmanager
def work(screen, *arguments, **options):
    """Work whose stderr is the screen."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stderr", screen)
        patch.setenv("TERM", "xterm")
        with Progress(*arguments, **options) as progress:
            yield progress


def test_short_work_is_silent(screen):
    """Not a character within two seconds."""
    with work(screen, "working", 3) as progress:
        for _ in range(3):
            progress.advance("a part")
    assert screen.getvalue() == ""


def test_long_work_says_how_far_it_is(screen, impatient):
    """Title, count and word, markup in names as it is written."""
    with work(screen, "working", 3) as progress:
        progress.update(2, "[red]w[/red]")
    for told in ("working", "2/3", "[red]w[/red]"):
        assert told in screen.getvalue()


def test_work_without_a_known_end_is_counted(screen, impatient):
    with work(screen, "walking") as progress:
        progress.update(7)
    assert "7/?" in screen.getvalue()


def test_silence_can_be_asked_for(screen, impatient):
    with work(screen, "working", 3, shown=False) as progress:
        progress.advance()
    assert screen.getvalue() == ""


def test_work_within_work_is_silent(screen, impatient):
    """The outer line stays alone, and speaks again when the inner work is done."""
    with work(screen, "outer", 2) as outer:
        with Progress("inner", 9) as inner:
            inner.advance()
        outer.advance()
    assert "inner" not in screen.getvalue()
    assert "outer" in screen.getvalue()


def interrupted(progress):
    progress.advance()
    raise KeyboardInterrupt


def test_the_line_is_closed_when_the_work_is_interrupted(screen, impatient):
    """The cursor comes back also after Ctrl-C."""
    with pytest.raises(KeyboardInterrupt), work(screen, "working", 3) as progress:
        interrupted(progress)
    assert progress._bar is None
