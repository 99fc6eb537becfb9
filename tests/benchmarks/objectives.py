"""The objectives that are timed, in plain NumPy: ADBench's four, networks, Rosenbrock.

Each takes the array namespace first (`numpy`, `autograd.numpy`, `jax.numpy`), so that
every library runs the same lines. Data is random, of ADBench's sizes.

References
----------
Srajer, Kukelova, Fitzgibbon, A benchmark of selected algorithmic differentiation tools
(2018), arXiv 1807.10129; github.com/microsoft/ADBench.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

# -- small programs ------------------------------------------------------------------


def sigmoid_loss(xp: Any, w: Any, x: Any, b: Any, t: Any) -> Any:
    """Nine scalar steps."""
    z = w * x + b
    y = 1 / (1 + xp.exp(-z))
    return (y - t) ** 2 / 2


def rosenbrock(xp: Any, x: Any) -> Any:
    """The valley, in n dimensions."""
    return xp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def chain(xp: Any, x: Any, steps: int) -> Any:
    """One scalar operation after the other."""
    for _ in range(steps):
        x = x * 1.0000001
    return x


def springs(xp: Any, x: Any, stiffness: Any) -> Any:
    """The energy of beads on a string, in a loop as one writes it first."""
    energy = 0.0
    for i in range(len(stiffness)):
        apart = x[i + 1] - x[i]
        length = xp.sqrt(xp.sum(apart * apart))
        energy = energy + 0.5 * stiffness[i] * (length - 1.0) ** 2
    return energy


def springs_data(n: int = 200) -> tuple:
    """Places of n beads, and the stiffness of what joins them."""
    rng = np.random.default_rng(0)
    return np.cumsum(rng.normal(size=(n, 3)), axis=0), rng.uniform(1.0, 2.0, n - 1)


# -- networks ------------------------------------------------------------------------


def tanh_network(xp: Any, params: Any, x: Any, t: Any) -> Any:
    """Mean squared error of 64-64-64-1."""
    for w, b in params[:-1]:
        x = xp.tanh(x @ w + b)
    w, b = params[-1]
    return xp.mean((x @ w + b - t) ** 2)


def tanh_network_data() -> tuple:
    """Weights, a batch of 64, and what it should answer."""
    rng = np.random.default_rng(0)
    sizes = (64, 64, 64, 1)
    params = [
        (rng.normal(size=(n, m)) / math.sqrt(n), 0.1 * rng.normal(size=m))
        for n, m in itertools.pairwise(sizes)
    ]
    return params, rng.normal(size=(64, 64)), rng.normal(size=(64, 1))


def classifier(xp: Any, params: Any, x: Any, onehot: Any) -> Any:
    """Softmax cross-entropy of 784-256-10, the largest score taken out first."""
    (w1, b1), (w2, b2) = params
    scores = xp.tanh(x @ w1 + b1) @ w2 + b2
    shifted = scores - xp.max(scores, axis=1, keepdims=True)
    log_p = shifted - xp.log(xp.sum(xp.exp(shifted), axis=1, keepdims=True))
    return -xp.mean(xp.sum(onehot * log_p, axis=1))


def classifier_data(batch: int = 256) -> tuple:
    """Weights, a batch of pictures, and their classes."""
    rng = np.random.default_rng(0)
    params = [
        (rng.normal(size=(784, 256)) / 28, 0.1 * rng.normal(size=256)),
        (rng.normal(size=(256, 10)) / 16, 0.1 * rng.normal(size=10)),
    ]
    return params, rng.uniform(size=(batch, 784)), np.eye(10)[rng.integers(0, 10, batch)]


# -- long chains over large arrays -------------------------------------------------------


def options(xp: Any, price: Any, strike: Any, sigma: Any, rate: float = 0.02) -> Any:
    """The value of many call options that expire in a year (Black and Scholes)."""
    d1 = (xp.log(price / strike) + rate) / sigma + sigma / 2
    return xp.sum(price * _normal(xp, d1) - strike * math.exp(-rate) * _normal(xp, d1 - sigma))


def _normal(xp: Any, z: Any) -> Any:
    """Its distribution function, to 1.4e-4 (Bowling et al. 2009)."""
    return 1 / (1 + xp.exp(-(0.07056 * z * z * z + 1.5976 * z)))


def options_data(n: int = 1_000_000) -> tuple:
    """Prices, strikes and volatilities."""
    rng = np.random.default_rng(0)
    return rng.uniform(50, 150, n), rng.uniform(50, 150, n), rng.uniform(0.1, 0.5, n)


# -- ADBench: Gaussian mixture ---------------------------------------------------------


def gmm(xp: Any, alpha: Any, mu: Any, icf: Any, x: Any, gamma: float = 1.0, m: int = 0) -> Any:
    """The log-likelihood of a mixture with a Wishart prior (section 4.1)."""
    n, d = x.shape
    k = alpha.shape[0]
    logs, lower = icf[:, :d], icf[:, d:]
    place = _lower_triangle(d)
    q = xp.exp(logs)
    factors = (lower @ xp.asarray(place)).reshape((k, d, d)) + xp.eye(d) * q[:, None, :]
    centred = x[:, None, :] - mu
    scaled = xp.einsum("kij,nkj->nki", factors, centred)
    logs_sum = xp.sum(logs, axis=1)
    inner = alpha + logs_sum - 0.5 * xp.sum(scaled**2, axis=2)
    slack = xp.sum(_logsumexp(xp, inner, 1)) - n * _logsumexp(xp, alpha, 0)
    prior = gamma**2 / 2 * (xp.sum(q**2) + xp.sum(lower**2)) - m * xp.sum(logs_sum)
    return slack + prior - n * d / 2 * math.log(2 * math.pi) - _wishart(k, d, gamma, m)


def _logsumexp(xp: Any, x: Any, axis: int) -> Any:
    largest = xp.max(x, axis=axis, keepdims=True)
    total = xp.log(xp.sum(xp.exp(x - largest), axis=axis, keepdims=True)) + largest
    return xp.sum(total, axis=axis)


def _lower_triangle(d: int) -> np.ndarray:
    """Where the entries below the diagonal go, column by column."""
    columns, rows = np.nonzero(np.triu(np.ones((d, d)), 1))
    place = np.zeros((len(rows), d * d))
    place[np.arange(len(rows)), rows * d + columns] = 1
    return place


def _wishart(k: int, d: int, gamma: float, m: int) -> float:
    n = d + m + 1
    gammas = sum(math.lgamma((n - i) / 2) for i in range(d))
    log_multigamma = d * (d - 1) / 4 * math.log(math.pi) + gammas
    return k * (n * d * math.log(gamma / math.sqrt(2)) - log_multigamma)


def gmm_data(n: int = 1000, d: int = 10, k: int = 25) -> tuple:
    """alpha, mu, icf and n points."""
    rng = np.random.default_rng(0)
    return (
        rng.normal(size=k),
        rng.uniform(size=(k, d)),
        0.3 * rng.normal(size=(k, d + d * (d - 1) // 2)),
        rng.normal(size=(n, d)),
    )


# -- ADBench: bundle adjustment ----------------------------------------------------------


def ba_residual(xp: Any, block: Any, feature: Any) -> Any:
    """One observation: block is camera (11), point (3) and weight (1)."""
    r, centre, focal, x0, kappa = block[:3], block[3:6], block[6], block[7:9], block[9:11]
    point, weight = block[11:14], block[14]
    theta = xp.sqrt(xp.sum(r * r))
    v, moved = r / theta, point - centre
    c, s = xp.cos(theta), xp.sin(theta)
    turned = moved * c + _cross(xp, v, moved) * s + v * (xp.sum(v * moved) * (1 - c))
    p = turned[:2] / turned[2]
    rr = xp.sum(p * p)
    p = p * (1 + kappa[0] * rr + kappa[1] * rr * rr)
    return weight * (p * focal + x0 - feature)


def _cross(xp: Any, a: Any, b: Any) -> Any:
    return xp.stack(
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    )


def ba_data(observations: int = 10_000) -> tuple:
    """Blocks and features of many observations, all different."""
    rng = np.random.default_rng(0)
    camera = [1.797201, 0.590697, -0.635786, 90.859550, 29.361415, 28.777534, 211.628116,
              -0.284531, -14.762924, 0.058931, 0.069976]  # fmt: skip
    block = np.array([*camera, 4.173048, 5.586898, 1.403869, 0.417022])
    blocks = block * (1 + 0.01 * rng.normal(size=(observations, 15)))
    return blocks, np.array([-525.672849, 161.811929]) + rng.normal(size=(observations, 2))


# -- ADBench: LSTM -------------------------------------------------------------------------


def lstm(xp: Any, main: Any, extra: Any, state: Any, sequence: Any) -> Any:
    """Negative log-likelihood of a character model."""
    layers, b = main.shape[0] // 2, sequence.shape[1]
    state = [[state[2 * k], state[2 * k + 1]] for k in range(layers)]
    total = 0.0
    for t in range(sequence.shape[0] - 1):
        x = sequence[t] * extra[0]
        for k in range(layers):
            h, cell = state[k]
            g = xp.concatenate([x, h, x, h]) * main[2 * k] + main[2 * k + 1]
            gates = 1 / (1 + xp.exp(-g[: 3 * b]))
            cell = cell * gates[:b] + gates[b : 2 * b] * xp.tanh(g[3 * b :])
            h = gates[2 * b :] * xp.tanh(cell)
            state[k] = [h, cell]
            x = h
        y = x * extra[1] + extra[2]
        y = y - xp.log(2 + xp.sum(xp.exp(y)))
        total = total + xp.sum(sequence[t + 1] * y)
    return -total / ((sequence.shape[0] - 1) * b)


def lstm_data(layers: int = 2, characters: int = 1024, b: int = 14) -> tuple:
    """Weights, and a text in b bits a character."""
    rng = np.random.default_rng(0)
    return (
        0.5 * rng.normal(size=(2 * layers, 4 * b)),
        rng.normal(size=(3, b)),
        0.1 * rng.normal(size=(2 * layers, b)),
        rng.integers(0, 2, size=(characters, b)).astype(float),
    )


# -- ADBench: hand tracking ------------------------------------------------------------------

PARENTS = (-1, 0, 1, 2, 3, 0, 5, 6, 7, 0, 9, 10, 11, 0, 13, 14, 15, 0, 17, 18, 19, 0)


def hand_residual(xp: Any, theta: Any, model: dict) -> Any:
    """Points minus the hand's vertices that correspond to them, by 26 pose angles."""
    model = {name: xp.asarray(array) for name, array in model.items()}
    absolute: list = []
    for bone, parent in enumerate(PARENTS):
        local = model["relative"][bone] @ _bone_rotation(xp, theta, bone)
        absolute.append(local if parent < 0 else absolute[parent] @ local)
    transforms = xp.stack([absolute[b] @ model["inverse"][b] for b in range(len(PARENTS))])
    positions = xp.einsum("bij,bjn,nb->in", transforms, model["base"], model["weights"])
    turned = _rodrigues(xp, theta[:3]) @ positions[:3]
    vertices = turned.T + theta[3:6]
    return (model["points"] - vertices[model["nearest"]]).ravel()


def _bone_rotation(xp: Any, theta: Any, bone: int) -> Any:
    """Three angles a finger bone at most; the last bone of a finger and the wrist none."""
    finger, joint = divmod(bone - 2, 4)
    if bone < 2 or joint == 3:
        return xp.asarray(np.eye(4))
    first = 6 + 4 * finger
    if joint == 0:
        return _turn(xp, theta[first + 1], 2) @ _turn(xp, theta[first], 0)
    return _turn(xp, theta[first + 1 + joint], 0)


def _turn(xp: Any, angle: Any, axis: int) -> Any:
    """Turn about a coordinate axis, as a matrix of homogeneous coordinates."""
    i, j = [k for k in range(3) if k != axis]
    plane, across, fixed = np.zeros((4, 4)), np.zeros((4, 4)), np.eye(4)
    plane[i, i] = plane[j, j] = 1
    across[j, i], across[i, j] = 1, -1
    fixed[i, i] = fixed[j, j] = 0
    turned = xp.cos(angle) * xp.asarray(plane) + xp.sin(angle) * xp.asarray(across)
    return xp.asarray(fixed) + turned


def _rodrigues(xp: Any, r: Any) -> Any:
    """Turn about the axis r by its length."""
    angle = xp.sqrt(xp.sum(r * r))
    v = r / angle
    basis = np.zeros((3, 3, 3))
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        basis[k, j, i], basis[j, k, i] = 1, -1
    skew = xp.einsum("jki,i->jk", xp.asarray(basis), v)
    return xp.asarray(np.eye(3)) + xp.sin(angle) * skew + (1 - xp.cos(angle)) * (skew @ skew)


def hand_data(vertices: int = 544, points: int = 100) -> tuple:
    """A pose, and a hand of random bones and vertices."""
    rng = np.random.default_rng(0)
    bones = len(PARENTS)
    relative = np.tile(np.eye(4), (bones, 1, 1))
    relative[:, :3, 3] = rng.normal(size=(bones, 3))
    weights = rng.uniform(size=(vertices, bones)) ** 8
    base = rng.normal(size=(vertices, 3))
    inverse = np.tile(np.eye(4), (bones, 1, 1))
    inverse[:, :3, 3] = rng.normal(size=(bones, 3))
    homogeneous = np.concatenate([base.T, np.ones((1, vertices))])
    model = {
        "relative": relative,
        "inverse": inverse,
        "base": np.tile(homogeneous, (bones, 1, 1)),
        "weights": weights / weights.sum(axis=1, keepdims=True),
        "points": rng.normal(size=(points, 3)),
        "nearest": rng.integers(0, vertices, points),
    }
    return 0.3 * rng.normal(size=26), model
