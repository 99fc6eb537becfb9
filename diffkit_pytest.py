"""The pytest plugin of diffkit: a fixture `gradcheck`.

It lies outside of the package: pytest loads plugins at every start, and should not
import NumPy for a test suite that checks no gradient.
"""

import pytest


@pytest.fixture
def gradcheck():
    """Assert that a gradient is right: ``gradcheck(f, x, grad=None, **options)``.

    The function `diffkit.testing.assert_gradient`; its failure message is the diagnosis.
    """
    from diffkit.testing import assert_gradient

    return assert_gradient
