"""Fourier transforms: values and dtypes are NumPy's, derivatives those of finite differences.

Every transform is linear, so its derivative is itself; what is tried is that it is, in both
modes, for all lengths, axes and norms, and that the transpose is not a conjugate.
"""

import pickle

import numpy as np
import pytest

import diffkit as dk
from diffkit.errors import MissingRule, ShapeError
from diffkit.primitives import PRIMITIVES

from .table import abstract_faults, close, derivative_faults, dtype_faults, random

fft = np.fft
NORMS = (None, "backward", "ortho", "forward")


def numbers(*shape, seed=0):
    return random("fft", shape, seed).uniform(-1, 1, shape)


# name: function, argument, whether it takes complex numbers too.
CASES = {
    **{
        f"{f.__name__} {size} to {n}, {norm}": (
            lambda x, f=f, n=n, norm=norm: f(x, n, norm=norm),
            numbers(size),
            f not in (fft.rfft, fft.ihfft),
        )
        for f in (fft.fft, fft.ifft, fft.rfft, fft.irfft, fft.hfft, fft.ihfft)
        for size, n, norm in (
            (4, None, None), (5, None, "ortho"), (3, 5, "forward"), (5, 4, "backward"),
            (2, 6, None), (3, 1, "ortho"), (4, 3, "forward"),
        )
    },
    "fft axis": (lambda x: fft.fft(x, axis=0), numbers(3, 2), True),
    "ifft axis": (lambda x: fft.ifft(x, 4, -2, "ortho"), numbers(3, 2), True),
    "rfft axis": (lambda x: fft.rfft(x, n=5, axis=1), numbers(2, 4, 2), False),
    "irfft axis": (lambda x: fft.irfft(x, axis=0), numbers(3, 2), True),
    "hfft axis": (lambda x: fft.hfft(x, axis=0, norm="forward"), numbers(3, 2), True),
    "ihfft axis": (lambda x: fft.ihfft(x, axis=0), numbers(4, 2), False),
    "fft2": (fft.fft2, numbers(2, 3), True),
    "fft2 of a stack": (lambda x: fft.fft2(x, s=(3, 2), norm="ortho"), numbers(2, 2, 3), True),
    "ifft2": (fft.ifft2, numbers(2, 3), True),
    "ifft2 axes": (lambda x: fft.ifft2(x, axes=(2, 0), norm="forward"), numbers(2, 1, 3), True),
    "fftn": (fft.fftn, numbers(2, 3, 2), True),
    "fftn axes": (lambda x: fft.fftn(x, s=(4, 2), axes=(0, 1)), numbers(2, 3, 2), True),
    "fftn whole axes": (lambda x: fft.fftn(x, s=(-1, 2), axes=(1, 0)), numbers(2, 3), True),
    "ifftn": (lambda x: fft.ifftn(x, norm="ortho"), numbers(2, 3), True),
    "rfft2": (fft.rfft2, numbers(2, 3), False),
    "rfft2 lengths": (lambda x: fft.rfft2(x, s=(3, 4)), numbers(2, 3), False),
    "rfftn": (lambda x: fft.rfftn(x, norm="forward"), numbers(2, 2, 3), False),
    "rfftn axes": (lambda x: fft.rfftn(x, axes=(1, 0)), numbers(2, 3), False),
    "irfft2": (fft.irfft2, numbers(2, 3), True),
    "irfftn": (lambda x: fft.irfftn(x, norm="ortho"), numbers(2, 2, 3), True),
    "irfftn lengths": (lambda x: fft.irfftn(x, s=(3, 5), axes=(0, 2)), numbers(2, 2, 3), True),
    "irfftn whole axes": (lambda x: fft.irfftn(x, s=(-1, -1), axes=(0, 1)), numbers(2, 3), True),
    "fftshift": (fft.fftshift, numbers(2, 3), True),
    "fftshift axis": (lambda x: fft.fftshift(x, axes=-1), numbers(2, 3), True),
    "ifftshift": (lambda x: fft.ifftshift(x, axes=(0, 1)), numbers(3, 5), True),
}  # fmt: skip
KINDS = [(name, kind) for name in CASES for kind in ("real", "complex")[: 1 + CASES[name][2]]]
tried = pytest.mark.parametrize(
    ("name", "kind"), KINDS, ids=[f"{name}-{kind}".replace(" ", "-") for name, kind in KINDS]
)


def operand(name, kind):
    x = CASES[name][1]
    return x + 1j * numbers(*x.shape, seed=1) if kind == "complex" else x


def bent(f, x):
    """A real function of real numbers that is not linear, through both parts of f."""

    def g(*parts):
        z = parts[0] + parts[0] ** 3 / 5
        y = np.ravel(f(z + 1j * parts[1] if len(parts) > 1 else z))
        weights = np.linspace(1, 2, y.size)
        return np.concatenate([np.real(y) * weights, np.imag(y)])

    return g, [np.real(x), np.imag(x)][: 1 + np.iscomplexobj(x)]


@tried
@pytest.mark.parametrize("single", [False, True])
def test_values_are_numpys(name, kind, single):
    """Traced or not: the same results, shapes and dtypes."""
    f, x, found = CASES[name][0], operand(name, kind), []
    if single:
        x = x.astype(np.complex64 if kind == "complex" else np.float32)

    def kept(x):
        found.append(f(x))
        return x

    dk.vjp(kept, x)
    (y,), wanted = found, f(x)
    assert (y.shape, y.dtype) == (wanted.shape, wanted.dtype)
    assert np.allclose(y.value, wanted, *(1e-5, 1e-6) if single else (1e-14, 1e-15))


@tried
def test_derivatives_are_those_of_finite_differences(name, kind):
    """VJP, JVP, and both derivatives of the VJP."""
    g, parts = bent(CASES[name][0], operand(name, kind))
    assert not derivative_faults(name, g, parts, range(len(parts)), random(name))


@tried
def test_programs_replay_elsewhere(name, kind):
    """A pickled Program of f and its adjoint hold at another point."""
    g, parts = bent(CASES[name][0], operand(name, kind))
    total = lambda *parts: np.sum(g(*parts) ** 2)
    program = pickle.loads(pickle.dumps(dk.lower(total, *parts)))
    elsewhere = [0.9 * part[::-1] for part in parts]
    assert close(program(*elsewhere), total(*elsewhere), 1e-13)
    slopes = program.adjoint()(*elsewhere)
    slopes = slopes if isinstance(slopes, tuple) else (slopes,)
    for a, b in zip(slopes, dk.grad(total, tuple(range(len(parts))))(*elsewhere), strict=True):
        assert close(a, b, 1e-12, 1e-13)


@pytest.mark.parametrize("name", CASES, ids=[name.replace(" ", "-") for name in CASES])
def test_gradients_keep_float32(name):
    """float32 in, float32 gradient out."""
    g, parts = bent(CASES[name][0], operand(name, "real"))
    assert not dtype_faults(name, g, parts, [0])


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.complex128, np.complex64])
@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft"])
def test_shapes_are_known_without_values(name, kind):
    """Shape and dtype are NumPy's, for all lengths."""
    if name == "rfft" and np.dtype(kind).kind == "c":
        return
    for n, axis in ((3, 0), (4, 0), (2, 1), (1, 1)):
        x, params = np.ones((3, 2), kind), {"n": n, "axis": axis, "norm": None}
        assert not abstract_faults(PRIMITIVES[name], [x], params)


def test_the_transpose_is_no_conjugate():
    """The cotangent of a complex y = F x is F y_bar: F is symmetric."""
    z, y_bar = numbers(5) + 1j * numbers(5, seed=1), numbers(5, seed=2) + 1j * numbers(5, seed=3)
    for norm in NORMS:
        for f in (fft.fft, fft.ifft):
            _, pull = dk.vjp(lambda z, f=f, norm=norm: f(z, norm=norm), z)
            assert np.allclose(pull(y_bar)[0], f(y_bar, norm=norm), 1e-14, 1e-15)


@pytest.mark.parametrize("n", [1, 2, 5, 6])
@pytest.mark.parametrize("norm", NORMS)
def test_parseval(n, norm):
    """The sum of squared amplitudes is the sum of squares, scaled: so are its derivatives."""
    x = numbers(n)
    scale = {"ortho": 1, "forward": 1 / n}.get(norm, n)
    f = lambda x: np.sum(np.abs(fft.fft(x, norm=norm)) ** 2)
    assert close(dk.grad(f)(x), 2 * scale * x, 1e-13)
    assert close(dk.hessian(lambda x: np.sum(np.real(fft.fft(x) * np.conj(fft.fft(x)))))(x),
                 2 * n * np.eye(n), 1e-12, 1e-12)  # fmt: skip


@pytest.mark.parametrize("n", [3, 4])
def test_back_and_forth_is_the_identity(n):
    """Each inverse undoes its transform, also for tangents."""
    x = numbers(n)
    for there, back in ((fft.rfft, fft.irfft), (fft.ihfft, fft.hfft)):
        f = lambda x, there=there, back=back: back(there(x), n)
        assert close(dk.jacobian(f)(x), np.eye(n), 1e-13, 1e-15)


def test_spectral_derivative():
    """d/du of the energy of u', differentiated in Fourier space, is -u''."""
    n = 16
    t = 2 * np.pi * np.arange(n) / n
    u, k = np.sin(3 * t) + np.cos(t), fft.rfftfreq(n, 1 / n)
    energy = lambda u: np.sum(fft.irfft(1j * k * fft.rfft(u)) ** 2) / 2
    assert close(dk.grad(energy)(u), 9 * np.sin(3 * t) + np.cos(t), 1e-12, 1e-12)


def test_frequencies_by_their_spacing():
    """The spacing of samples may be traced: frequencies are k/(n*d)."""
    for frequencies in (fft.fftfreq, fft.rfftfreq):
        slope = dk.jacobian(lambda d, f=frequencies: f(5, d))(0.5)
        assert close(slope, -frequencies(5, 0.5) / 0.5)


@pytest.mark.parametrize("f", [
    lambda x: np.real(fft.fft(x)), lambda x: np.imag(fft.rfft(x)),
    lambda x: fft.irfft(x, 4), lambda x: fft.irfft(fft.fft(x) ** 2, 5), lambda x: fft.hfft(x),
])  # fmt: skip
def test_sympy_sees_the_same_sums(f):
    """Transforms of symbols, written out."""
    pytest.importorskip("sympy")
    x = np.array([0.5, -1.5, 2.0])
    written = dk.lower(f, x).to_sympy()
    symbols = sorted(written.free_symbols, key=str)
    found = np.array(written.subs(dict(zip(symbols, x, strict=True))).tolist(), complex)
    assert np.allclose(found, f(x), 1e-14, 1e-14)


@pytest.mark.parametrize(
    ("f", "x", "error", "told"),
    [
        (lambda x: fft.rfft(x * 1j), np.ones(3), MissingRule, "np.fft.fft complex ones"),
        (lambda x: fft.fft(x, 0), np.ones(3), ShapeError, "at least one point"),
        (lambda x: fft.irfft(x), np.ones(1), ShapeError, "at least one point"),
        (lambda x: fft.fft(x, norm="unit"), np.ones(3), ShapeError, "ortho"),
        (lambda x: fft.fft(x, axis=1), np.ones(3), ShapeError, "axis 1"),
        (lambda x: fft.fftn(x, s=(2,), axes=(0, 1)), np.ones((2, 2)), ShapeError, "differ"),
    ],
)
def test_refusals_say_what_is_wrong(f, x, error, told):
    """Errors name the function, or the argument, and the line."""
    with pytest.raises(error, match=told):
        dk.vjp(lambda x: np.sum(np.real(f(x))), x)
