"""Scopes: which steps of a Program were recorded in which block and function."""

import pickle
import threading

import numpy as np
import pytest

import diffkit as dk


def dense(x, w):
    z = x * w
    return np.tanh(z)


def model(x):
    with dk.scope("first"):
        h = dense(x, 2.0)
    with dk.scope("second"):
        h = dense(h, 3.0)
    return h + dense(h, 1.0)


PATHS = [("first", "dense")] * 2 + [("second", "dense")] * 2 + [("dense",)] * 2 + [()]


def scopes(program):
    return [program.scope(i) for i in range(len(program))]


def test_blocks_and_functions_are_scopes():
    """A step knows the blocks and the called functions around it, the outermost first."""
    assert scopes(dk.lower(model, 1.0)) == PATHS


def test_repeated_scopes_have_names_of_their_own():
    """The second scope of a name in one place is name_2, so each call can be told apart."""

    def chain(x):
        for _ in range(3):
            x = dense(x, 2.0)
        return x

    assert [path[0] for path in scopes(dk.lower(chain, 1.0))[::2]] == [
        "dense",
        "dense_2",
        "dense_3",
    ]


def test_derivatives_keep_the_scopes_of_the_steps_and_are_outside_themselves():
    program = dk.lower(model, 1.0)
    for derived in (program.adjoint(), program.tangent()):
        assert scopes(derived)[:7] == PATHS
        assert set(scopes(derived)[7:]) == {()}


def test_scopes_survive_pickling():
    assert scopes(pickle.loads(pickle.dumps(dk.lower(model, 1.0)))) == PATHS


def test_a_scope_that_raises_is_closed():
    """After an exception in a block, what follows is outside of it."""

    def recovering(x):
        try:
            with dk.scope("broken"):
                x = x * 2
                raise ValueError("for the test")
        except ValueError:
            return x + 1

    assert scopes(dk.lower(recovering, 1.0)) == [("broken",), ()]


def test_scopes_do_nothing_outside_of_lower():
    """Values and gradients are the same, and nothing is remembered."""
    assert dk.grad(model)(0.3) == pytest.approx(dk.lower(model, 1.0).adjoint()(0.3), rel=1e-12)
    with dk.scope("alone"):
        assert np.tanh(0.5) > 0


def test_threads_do_not_share_scopes():
    """A block that is open in one thread is not open in another."""
    opened, done, found = threading.Event(), threading.Event(), []

    def holds(x):
        with dk.scope("held"):
            opened.set()
            done.wait(10)
            return x * 2

    thread = threading.Thread(target=lambda: found.append(dk.lower(holds, 1.0)))
    thread.start()
    opened.wait(10)
    plain = dk.lower(lambda x: x + 1, 1.0)
    done.set()
    thread.join()

    assert scopes(plain) == [()]
    assert scopes(found[0]) == [("held",)]


@pytest.mark.parametrize("name", ["", "a/b", 3, None])
def test_bad_names_are_refused(name):
    with pytest.raises(dk.errors.ArgumentError, match="scope"), dk.scope(name):
        pass
