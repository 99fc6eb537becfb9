"""A hand-written gradient of softmax regression: checked, and with two mistakes planted."""

import numpy as np

import diffkit as dk


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def main():
    rng = np.random.default_rng(4)
    data, labels = rng.normal(size=(30, 4)), rng.integers(3, size=30)
    params = {"W": rng.normal(size=(4, 3)), "b": rng.normal(size=3)}
    wanted = np.eye(3)[labels]

    def loss(params):
        p = softmax(data @ params["W"] + params["b"])
        return -np.mean(np.log(p[np.arange(30), labels])) + 0.05 * np.sum(params["W"] ** 2)

    def slope(params):
        d = (softmax(data @ params["W"] + params["b"]) - wanted) / 30
        return {"W": data.T @ d + 0.1 * params["W"], "b": d.sum(axis=0)}

    right = dk.gradcheck(loss, params, slope)
    assert right
    print(right, end="\n\n")

    def without_penalty(params):
        d = (softmax(data @ params["W"] + params["b"]) - wanted) / 30
        return {"W": data.T @ d, "b": d.sum(axis=0)}

    report = dk.gradcheck(loss, params, without_penalty)
    assert report.cause == "missing_term"
    assert report.findings[0].where == ("params['W']",)
    assert np.isclose(report.findings[0].evidence["coefficient"], 0.1)
    print("The penalty forgotten:", report, sep="\n", end="\n\n")

    def summed(params):
        d = wanted - softmax(data @ params["W"] + params["b"])
        return {"W": slope(params)["W"], "b": d.sum(axis=0)}

    report = dk.gradcheck(loss, params, summed)
    assert report.cause == "constant_factor"
    assert np.isclose(report.findings[0].evidence["factor"], -30)
    print("The bias summed, with the wrong sign:", report, sep="\n")


if __name__ == "__main__":
    main()
