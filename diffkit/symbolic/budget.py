"""Run a function in a process that can be killed when its time is over.

SymPy can spend hours inside one call that no signal interrupts. The child is
a fresh interpreter that reads its task from a pipe: it does not run the user's
script again, as multiprocessing's would.
"""

from __future__ import annotations

import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from typing import Any

_STACK = 512 * 1024 * 1024  # SymPy recurses over the depth of an expression
_RECURSION = 100_000
_START = 60.0  # seconds for the interpreter and the imports; a second where nothing else runs

_CHILD = (
    "import pickle, sys; "
    "sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from diffkit.symbolic.budget import serve; serve()"
)


def call_in_process(function: Callable, args: tuple, budget: float) -> Any:
    """Call a module-level function in a child process.

    Parameters
    ----------
    function : callable
        Importable by name.
    args : tuple
        Picklable.
    budget : float
        Seconds until the child is killed.

    Raises
    ------
    TimeoutError
        If the budget is used up.
    Exception
        Whatever the function raised.
    """
    with closing(stream_from_process(_only, (function, args), budget)) as answers:
        return next(answers)


def _only(function: Callable, args: tuple) -> Iterator[Any]:
    yield function(*args)


def stream_from_process(
    function: Callable, args: tuple, budget: float
) -> Generator[Any, None, None]:
    """Yield what a module-level generator function yields in a child process.

    Parameters
    ----------
    function : callable
        Importable by name; returns an iterator of picklable values.
    args : tuple
        Picklable.
    budget : float
        Seconds that each value may take until the child is killed; its start, with the
        import of SymPy, is not counted.

    Raises
    ------
    TimeoutError
        If the budget is used up; what was yielded before is kept.
    Exception
        Whatever the function raised.
    """
    task = pickle.dumps(sys.path) + pickle.dumps((function, args))
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    answers: queue.SimpleQueue = queue.SimpleQueue()
    threads = [
        threading.Thread(target=_send, args=(child, task), daemon=True),
        threading.Thread(target=_receive, args=(child, answers), daemon=True),
    ]
    try:
        for thread in threads:
            thread.start()
        kind, value = answers.get(timeout=_START)
        while kind != "end":
            if kind == "error":
                raise value
            if kind == "value":
                yield value
            kind, value = answers.get(timeout=budget)
    except queue.Empty:
        raise TimeoutError(f"not finished in {budget:g} s") from None
    finally:
        child.kill()
        for thread in threads:
            thread.join()
        child.__exit__(None, None, None)  # closes its pipes and waits for it


def _send(child: subprocess.Popen, task: bytes) -> None:
    assert child.stdin is not None
    with suppress(OSError):  # it was killed, or failed to start: _receive says so
        child.stdin.write(task)
        child.stdin.close()


def _receive(child: subprocess.Popen, answers: queue.SimpleQueue) -> None:
    """Put the child's answers into the queue: ready, then values, then end or an error."""
    assert child.stdout is not None
    assert child.stderr is not None
    kind = "ready"
    try:
        while kind in ("ready", "value"):
            kind, value = pickle.load(child.stdout)
            answers.put((kind, value))
    except (EOFError, OSError, pickle.UnpicklingError):
        complaint = child.stderr.read().decode(errors="replace")[-500:]
        answers.put(("error", RuntimeError(f"the SymPy process failed: {complaint}")))


def serve() -> None:
    """Do the task on standard input; the child's side of `stream_from_process`."""
    import sympy  # noqa: F401 (loading it is not part of the task)

    function, args = pickle.load(sys.stdin.buffer)
    sys.setrecursionlimit(_RECURSION)
    threading.stack_size(_STACK)

    def work() -> None:
        try:
            for result in function(*args):
                _answer("value", result)
            _answer("end", None)
        except Exception as error:
            _answer("error", error)

    _answer("ready", None)
    worker = threading.Thread(target=work)
    worker.start()
    worker.join()


def _answer(kind: str, value: Any) -> None:
    sys.stdout.buffer.write(pickle.dumps((kind, value)))
    sys.stdout.buffer.flush()
