"""Shared by all tests: one seed, printed in the header of every run."""

import numpy as np
import pytest

SEED = 20240229


def pytest_report_header(config):
    return f"diffkit: random numbers from seed {SEED}"


@pytest.fixture
def rng():
    return np.random.default_rng(SEED)
