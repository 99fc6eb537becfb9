"""The page of covered functions says what is so."""

import pytest

from .coverage_table import NONE, PAGE, PLAIN, REFUSED, YES, page, sections


@pytest.fixture(scope="module")
def found():
    return {
        f"{title}.{entry.names[0]}": entry.found
        for title, entries in sections().items()
        for entry in entries
    }


def test_the_page_is_current():
    """If not: python -m tests.coverage_table."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_function_was_tried(found):
    """A function that takes unusual arguments needs a line in CALLS."""
    assert [name for name, what in found.items() if what.derivative is None] == []


@pytest.mark.parametrize(
    ("name", "derivative"),
    [
        ("numpy.sin", YES),
        ("numpy.where", YES),
        ("numpy.linalg.norm", YES),
        ("numpy.argmax", NONE),
        ("numpy.floor", NONE),
        ("numpy.greater", NONE),
        ("numpy.copysign", "by argument 1 only"),
        ("scipy.special.jn", "by argument 2 only"),
        ("scipy.special.hyp2f1", "by argument 4 only"),
        ("numpy.shape", PLAIN),
        ("numpy.trim_zeros", REFUSED),
    ],
)
def test_what_is_known_is_found(found, name, derivative):
    """Trying a function gives the answer that is known for these."""
    assert found[name].derivative == derivative
