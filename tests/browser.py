"""A real browser for tests, where there is one."""

import os
import shutil

import pytest

REQUIRED = bool(os.environ.get("DIFFKIT_REQUIRE_BROWSER"))


def executable():
    """The path of Chromium, or a skip that says what is missing."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        import playwright  # noqa: F401
    except ImportError:
        found = None
    if found is None and REQUIRED:
        pytest.fail("DIFFKIT_REQUIRE_BROWSER is set, but chromium or playwright is missing")
    if found is None:
        pytest.skip("needs chromium and playwright (pip install '.[browser]')")
    return found
