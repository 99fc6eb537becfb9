"""The gallery shows what its code draws."""

import re

import pytest

from .gallery_page import GALLERY, PAGE, PICTURES, drawings, page


@pytest.fixture(scope="module")
def drawn():
    return drawings()


def test_the_page_is_current():
    """If not: python -m tests.gallery_page."""
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("entry", GALLERY, ids=lambda entry: entry.name)
def test_the_picture_is_current(entry, drawn):
    """The file is what the code draws now; if not: python -m tests.gallery_page."""
    assert (PICTURES / f"{entry.name}.svg").read_text(encoding="utf-8") == drawn[entry.name].svg()


@pytest.mark.parametrize("entry", GALLERY, ids=lambda entry: entry.name)
def test_nothing_overlaps_in_the_picture(entry, drawn):
    from .test_drawing_layout import faults

    if entry.name != "four_weights_network":  # there the numbers stand in the units
        assert list(faults(drawn[entry.name].scene_at())) == []


def test_no_picture_is_left_over():
    assert {path.stem for path in PICTURES.glob("*.svg")} == {entry.name for entry in GALLERY}


def test_the_classic_numbers_are_in_the_pictures(drawn):
    """What the lectures write: −5, 2 and 1 for x, y, z; 0.731 and its slopes for the neuron."""

    def texts(name):
        return re.findall(r">([^<>]+)</text>", drawn[name].svg())

    assert {"−5.00", "2.00", "1.00", "−10.0", "−7.00"} <= set(texts("product_and_sum"))
    assert {"0.731", "0.197", "−0.197", "0.393", "−0.590"} <= set(texts("sigmoid_neuron"))
