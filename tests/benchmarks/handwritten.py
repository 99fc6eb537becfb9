"""Gradients by hand, in NumPy: what a careful person writes and a replay has to match."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .objectives import _lower_triangle


def classifier_gradient(params: Any, x: np.ndarray, onehot: np.ndarray) -> list:
    """Of `objectives.classifier`, by its weights and biases."""
    (w1, b1), (w2, b2) = params
    hidden = x @ w1
    hidden += b1
    np.tanh(hidden, out=hidden)
    scores = hidden @ w2
    scores += b2
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    scores -= onehot
    scores /= len(x)
    back = scores @ w2.T
    back *= 1 - hidden * hidden
    return [x.T @ back, back.sum(axis=0), hidden.T @ scores, scores.sum(axis=0)]


def options_gradient(
    price: np.ndarray, strike: np.ndarray, sigma: np.ndarray, rate: float = 0.02
) -> list:
    """Of `objectives.options`, by all three."""
    paid = math.exp(-rate) * strike
    d1 = (np.log(price / strike) + rate) / sigma + sigma / 2
    d2 = d1 - sigma
    own, pay = [1 / (1 + np.exp(-(0.07056 * d * d + 1.5976) * d)) for d in (d1, d2)]
    dense1 = price * own * (1 - own) * (0.21168 * d1 * d1 + 1.5976)
    dense2 = paid * pay * (1 - pay) * (0.21168 * d2 * d2 + 1.5976)
    moved = (dense1 - dense2) / sigma
    by_strike = -math.exp(-rate) * pay - moved / strike
    return [own + moved / price, by_strike, (dense2 * d1 - dense1 * d2) / sigma]


def gmm_gradient(
    alpha: np.ndarray, mu: np.ndarray, icf: np.ndarray, x: np.ndarray, gamma: float = 1.0
) -> list:
    """Of `objectives.gmm` with m = 0, by alpha, mu and icf."""
    n, d = x.shape
    k = len(alpha)
    logs, lower = icf[:, :d], icf[:, d:]
    place = _lower_triangle(d)
    q = np.exp(logs)
    factors = (lower @ place).reshape(k, d, d) + np.eye(d) * q[:, None, :]
    centred = x.T[None] - mu[:, :, None]
    scaled = factors @ centred
    inner = -0.5 * np.einsum("kdn,kdn->kn", scaled, scaled)
    inner += (alpha + logs.sum(axis=1))[:, None]
    inner -= inner.max(axis=0)
    np.exp(inner, out=inner)
    inner /= inner.sum(axis=0)
    scaled *= -inner[:, None, :]
    of_factors = scaled @ centred.transpose(0, 2, 1)
    of_mu = -(factors.transpose(0, 2, 1) @ scaled.sum(axis=2)[:, :, None])[:, :, 0]
    share = inner.sum(axis=1)
    softmax = np.exp(alpha - alpha.max())
    of_alpha = share - n * softmax / softmax.sum()
    diagonal = np.einsum("kii->ki", of_factors)
    of_logs = share[:, None] + diagonal * q + gamma**2 * q * q
    of_lower = of_factors.reshape(k, d * d) @ place.T + gamma**2 * lower
    return [of_alpha, of_mu, np.concatenate([of_logs, of_lower], axis=1)]
