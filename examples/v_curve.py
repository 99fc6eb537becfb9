"""The V of finite differences: truncation falls with the step, rounding rises."""

import numpy as np

import diffkit as dk


def main():
    sweep = dk.finite.step_sweep(np.sin, 1.0, exact=np.cos(1.0))
    print(sweep)

    # Each step is a quarter of the one before: truncation is divided by 4**order.
    early = {name: errors[1] / errors[2] for name, errors in sweep.errors.items()}
    assert np.isclose(early["forward"], 4, rtol=0.05)
    assert np.isclose(early["central"], 4**2, rtol=0.05)
    assert np.isclose(early["central4"], 4**4, rtol=0.05)

    # The best step is far from both ends, and higher order means a larger one.
    step = {name: h for name, (h, _) in sweep.best.items()}
    assert 1e-10 < step["forward"] < step["central"] < step["central4"] < 0.1
    for name in ("forward", "central", "central4"):
        assert sweep.errors[name][-1] > 1e3 * sweep.best[name][1]
    assert sweep.errors["complex"][-1] < 1e-15  # nothing is subtracted, so nothing cancels

    estimate = dk.finite.derivative(np.sin, 1.0)
    assert abs(float(estimate) - np.cos(1.0)) <= estimate.error
    print("\nadaptive:", estimate)


if __name__ == "__main__":
    main()
