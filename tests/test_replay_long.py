"""Long recordings: progress while they are made and compiled, and Ctrl-C at any moment."""

import gc
import pickle
import signal
import sys
import threading
import time
import weakref

import numpy as np
import pytest

import diffkit as dk
from diffkit.core.collecting import PUT_OFF, uncollected
from diffkit.core.program import Program
from diffkit.progress import Progress
from diffkit.replay.passes import PASSES, optimized
from tests.random_programs import random_program

STEPS = 2500  # more than one part of the text
THRESHOLD = gc.get_threshold()


def chain(x):
    """Alternating steps, none of which is alike."""
    for k in range(STEPS):
        x = np.sin(x) if k % 2 else x * 1.0001
    return x


def shown(work):
    """Every line that somebody without patience would see while it works."""
    lines = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("diffkit.progress.PATIENCE", 0.0)
        patch.setattr("diffkit.progress.REFRESH", 0.0)
        patch.setattr(Progress, "_show", lambda p: lines.append((p.title, p.told, p.done, p.total)))
        work()
    return lines


# -- progress --------------------------------------------------------------------------------


def test_compiling_tells_what_it_is_at():
    """The recording, every pass by its name, and Python's compiler; and how many steps."""
    seen = shown(lambda: dk.compile(dk.grad(chain))(0.5))
    assert {title for title, *_ in seen} == {"compiling"}
    assert {told for _, told, *_ in seen} == {"recording", *PASSES, "Python"}
    done = [done for _, _, done, _ in seen]
    assert done == sorted(done)


@pytest.mark.parametrize("what", ["adjoint", "tangent"])
def test_derivatives_of_programs_are_counted(what):
    """Up to twice the steps of the Program: one way to record them, one to differentiate."""
    program = dk.lower("*".join(["x"] * STEPS))
    seen = shown(getattr(program, what))
    assert {(title, total) for title, _, _, total in seen} == {(what, 2 * len(program))}
    assert seen[-1][2] == 2 * len(program)


def test_a_program_tells_too():
    """`dk.lower` while it records, `Program.compile` while it compiles."""
    program = dk.lower(chain, 0.5)
    assert {title for title, *_ in shown(lambda: dk.lower(chain, 0.5))} == {"recording"}
    assert {title for title, *_ in shown(program.compile)} == {"compiling"}


def test_short_work_says_nothing(capsys):
    """Within two seconds not a character."""
    dk.compile(dk.grad(chain))(0.5)
    dk.lower("x*y").adjoint().compile()
    assert capsys.readouterr().err == ""


# -- Ctrl-C ----------------------------------------------------------------------------------

PLACES = [
    f"diffkit.replay.functions.{name}"
    for name in ("Surroundings", "record_function", "difference", "Recording")
] + [f"diffkit.replay.recording.{name}" for name in ("optimized", "written", "finished")]


def interrupted(*args, **kwargs):
    raise KeyboardInterrupt


@pytest.mark.parametrize("place", PLACES)
def test_the_call_after_an_interrupted_one_records_again(place, monkeypatch):
    """And nothing is left behind: no trace function, no lock, no recording."""
    slope = dk.compile(dk.grad(lambda x: np.sum(np.sin(x) ** 2)))
    x = np.array([0.3, 0.7])
    with monkeypatch.context() as patch:
        patch.setattr(place, interrupted)
        with pytest.raises(KeyboardInterrupt):
            slope(x)
    assert (slope.recordings, gc.get_threshold()) == (0, THRESHOLD)

    found = []
    thread = threading.Thread(target=lambda: found.append(slope(x)))
    thread.start()  # another thread: the lock is free
    thread.join()
    np.testing.assert_allclose(found[0], np.sin(2 * x), rtol=1e-14)
    assert slope.recordings == 1


def test_a_function_that_is_interrupted_is_recorded_again():
    """Ctrl-C within the user's own lines."""
    fuse = [True]

    def f(x):
        if fuse:
            raise KeyboardInterrupt
        return x * 3

    before, compiled = sys.gettrace(), dk.compile(f)
    with pytest.raises(KeyboardInterrupt):
        compiled(2.0)
    assert sys.gettrace() is before
    fuse.clear()
    assert compiled(2.0) == 6.0


def _swallows(frame):
    """Say whether an exception would end here, in a finalizer or a callback of the collector."""
    code = frame.f_code
    return "weakref" in code.co_filename or code.co_name.endswith("gc_callback")


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers on this system")
@pytest.mark.parametrize("after", [0.002, 0.02, 0.06, 0.1, 0.2])
def test_ctrl_c_at_any_moment(after):
    """A signal somewhere between the first line and the last call: the next call is right."""

    def ring(number, frame):
        if _swallows(frame):  # later then
            signal.setitimer(signal.ITIMER_REAL, 0.001)
            return
        raise KeyboardInterrupt

    slope = dk.compile(dk.grad(chain))
    old = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, after)
        end = time.monotonic() + 2
        while time.monotonic() < end:  # whether it is recorded by then or replayed
            slope(0.5)
    except KeyboardInterrupt:
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    assert gc.get_threshold() == THRESHOLD
    assert slope(0.5) == pytest.approx(float(dk.grad(chain)(0.5)), rel=1e-12)


# -- the collector -----------------------------------------------------------------------------


def test_full_collections_are_put_off():
    """Within the block; afterwards the threshold is as it was, whatever happened."""
    with uncollected(), uncollected():
        assert gc.get_threshold() == (*THRESHOLD[:2], PUT_OFF)
    assert gc.get_threshold() == THRESHOLD
    with pytest.raises(KeyboardInterrupt), uncollected():
        interrupted()
    assert gc.get_threshold() == THRESHOLD


def test_blocks_that_overlap_leave_the_threshold_as_it_was():
    """In two threads, whichever ends first."""
    for order in (1, -1):
        blocks = [uncollected(), uncollected()]
        for block in blocks:
            block.__enter__()
        for block in blocks[::order]:
            block.__exit__(None, None, None)
        assert gc.get_threshold() == THRESHOLD


def test_young_garbage_is_collected_while_a_function_is_recorded():
    """What a function leaves behind in cycles does not pile up."""
    alive = []

    class Knot:
        def __init__(self):
            self.itself = self
            self.parts = [[] for _ in range(50)]

    def tangled(x):
        for _ in range(500):
            knot = Knot()
            alive.append(weakref.ref(knot))
            x = np.sin(x)
        return x

    dk.lower(tangled, 0.5)
    assert sum(knot() is not None for knot in alive) < len(alive) / 2


# -- long lists --------------------------------------------------------------------------------


def test_a_program_in_parts_computes_what_the_short_one_does():
    """Python compiles long functions in parts; inf and nan come from NumPy as ever."""
    replay = dk.lower(chain, 0.5).compile()
    expected = 0.5
    for k in range(STEPS):
        expected = np.sin(expected) if k % 2 else expected * 1.0001
    assert replay(0.5) == pytest.approx(expected, rel=1e-12)
    poles = dk.lower("\n".join(["y = 1/x", *["y = y*1.01 + x"] * STEPS])).compile()
    assert poles(0.0) == np.inf


def test_columns_are_pickled_as_rows_were():
    """A Program comes back from pickle with every step, constants and scopes."""
    for seed in range(20):
        program = random_program(seed)
        again = pickle.loads(pickle.dumps(program))
        assert (str(again), again.types, again.outputs) == (
            str(program),
            program.types,
            program.outputs,
        )
        assert again.scopes == program.scopes
    assert len(pickle.loads(pickle.dumps(Program(program.types, (), program.inputs)))) == 0


@pytest.mark.parametrize("name", PASSES)
def test_a_pass_that_finds_nothing_returns_the_program_itself(name):
    """So nobody visits it again."""
    scalars = dk.lower("sin(x)*y")
    arrays = dk.lower(lambda x: np.sum(np.sin(x[1:]) * x[:-1]), np.ones(9))
    for program in (scalars, arrays):
        assert PASSES[name](program) is program
        assert optimized(program) is program


def test_optimized_programs_are_well_formed():
    """Passes need not check what they make: every name is bound once, before it is used."""
    for seed in range(30):
        best = optimized(random_program(seed))
        checked = Program(best.types, best.steps, best.outputs, best.structure)
        assert str(checked) == str(best)


def test_the_second_recording_takes_the_names_of_the_first():
    """And is compared with it, step by step."""
    from diffkit.frontends.functions import record_function

    def f(a, b):
        total = a * b
        return np.tanh(total), 2.0

    args = (np.ones(3), 2.0)
    first, *_ = record_function(f, args, {})
    again, *_ = record_function(f, args, {}, like=first)
    assert str(again) == str(first)
    assert again.outputs == first.outputs
