"""The pages hang together: all are linked, no link is dead, every public name is in them."""

import re
from pathlib import Path

import pytest

import diffkit as dk

DOCS = Path(__file__).parents[1] / "docs"
PAGES = sorted(DOCS.glob("*.md"))
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)?(?:#([^)\s]+))?\)")


def text_of(page):
    return page.read_text(encoding="utf-8")


def anchors(page):
    """The places of a page that a link can point to, spelled as GitHub does."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_there_are_pages():
    """A wrong path would make the other tests pass by finding nothing."""
    assert len(PAGES) >= 6


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_is_linked_from_the_index(page):
    """Whoever starts at index.md can reach every page."""
    linked = {match[0] for match in LINK.findall(text_of(DOCS / "index.md"))}

    assert page.name in linked | {"index.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page):
    """Files and headings that a page links to exist."""
    for file, anchor in LINK.findall(text_of(page)):
        target = DOCS / file if file else page

        assert target.exists(), f"{page.name} links to {file}"
        assert not anchor or anchor in anchors(target), f"{page.name} links to {file}#{anchor}"


@pytest.mark.parametrize("name", dk.__all__)
def test_public_name_is_documented(name):
    """Every name of `import diffkit as dk` occurs on some page as dk.name."""
    everything = "\n".join(map(text_of, PAGES))

    assert re.search(rf"\bdk\.{name}\b", everything)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_files_that_a_page_names_exist(page):
    """Whoever looks up `diffkit/core/sweeps.py` finds it."""
    for name in re.findall(r"`((?:diffkit|examples|docs|tests)/[\w/.]*)`", text_of(page)):
        assert (DOCS.parent / name).exists(), f"{page.name} names {name}"
