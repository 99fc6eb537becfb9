"""A small convolution, H_ij = u + sum V_ab x_(i+a, j+b), trained until its kernel finds an edge.

From the notes on gradient descent, adaptive methods and convolution: the same weights at every
place, each looking at a small region.
"""

import numpy as np

import diffkit as dk
from diffkit import losses, optimize

PREWITT = np.array([[-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]])  # dark to bright


def convolve(params, images):
    windows = np.lib.stride_tricks.sliding_window_view(images, (3, 3), axis=(1, 2))
    return params["u"] + np.einsum("ab,nijab->nij", params["V"], windows)


def squares(rng, count, size=12):
    """Images with a bright rectangle on dark ground, and some noise."""
    images = rng.normal(scale=0.1, size=(count, size, size))
    for image in images:
        (top, left), (height, width) = rng.integers(1, 5, 2), rng.integers(3, 7, 2)
        image[top : top + height, left : left + width] += 1
    return images


def main():
    from scipy.signal import correlate2d

    rng = np.random.default_rng(0)
    images = squares(rng, 20)
    wanted = np.array([correlate2d(image, PREWITT, mode="valid") for image in images])

    def loss(params):
        return losses.squared(convolve(params, images), wanted)

    start = {"V": rng.normal(scale=0.1, size=(3, 3)), "u": 0.5}
    trained = dk.minimize(loss, start, optimize.SGD(lr=0.05, momentum=0.9), steps=200)
    print("learned kernel:", trained.x["V"].round(2), sep="\n")
    assert np.allclose(trained.x["V"], PREWITT, atol=0.05)
    assert abs(trained.x["u"]) < 0.05
    assert trained.fun < 1e-3 * trained.path.f[0]

    # It is linear in its ten weights, so L-BFGS goes all the way to the kernel.
    exact = dk.minimize(loss, start, "l-bfgs")
    assert exact.success
    assert np.allclose(exact.x["V"], PREWITT, atol=1e-5)

    # It answers at the edge: bright to the right is positive, to the left negative, else nothing.
    step = np.zeros((1, 5, 8))
    step[..., 4:] = 1
    assert np.allclose(convolve(exact.x, step)[0, 1], [0, 0, 3, 3, 0, 0], atol=1e-4)

    # Translation invariance: the image one to the right, the answer one to the right.
    moved = convolve(exact.x, np.roll(images, 1, axis=2))
    assert np.allclose(moved[..., 1:], convolve(exact.x, images)[..., :-1])

    # Locality: one answer depends on nine pixels, and its slopes by them are the kernel.
    slope = dk.grad(lambda image: convolve(exact.x, image)[0, 4, 5])(images[:1])[0]
    assert np.count_nonzero(slope[4:7, 5:8]) == np.count_nonzero(slope)
    assert np.allclose(slope[4:7, 5:8], exact.x["V"])
    dense = 12 * 12 * 10 * 10 + 10 * 10
    print(f"weights: {PREWITT.size + 1}, of a dense layer {dense}")


if __name__ == "__main__":
    main()
