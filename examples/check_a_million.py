"""The gradient of a net with a million parameters, checked; then one wrong entry, found."""

import numpy as np

import diffkit as dk


def main():
    rng = np.random.default_rng(8)
    n = 707
    X = rng.normal(size=(4, n))
    params = {k: rng.normal(size=(n, n)) / np.sqrt(n) for k in ("U", "V")}
    params["b"] = rng.normal(size=n)

    def loss(params):
        h = np.tanh(X @ params["U"] + params["b"])
        return np.sum(np.tanh(h @ params["V"]) ** 2)

    def slope(params):
        h = np.tanh(X @ params["U"] + params["b"])
        o = np.tanh(h @ params["V"])
        d = 2 * o * (1 - o * o)
        e = (d @ params["V"].T) * (1 - h * h)
        return {"U": X.T @ e, "V": h.T @ d, "b": e.sum(axis=0)}

    report = dk.gradcheck(loss, params, slope, seed=0)
    assert report
    assert report.evaluations <= 60
    assert report.gradient_evaluations == 2
    print(sum(leaf.size for leaf in params.values()), "parameters")
    print(report, end="\n\n")

    def planted(params):
        slopes = slope(params)
        slopes["V"][123, 456] *= -1
        return slopes

    report = dk.gradcheck(loss, params, planted, seed=0)
    assert report.findings[0].where == ("params['V'][123, 456]",)
    print(report)


if __name__ == "__main__":
    main()
