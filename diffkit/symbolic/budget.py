"""Run a function in a process that can be killed when its time is over.

SymPy can spend hours inside one call that no signal interrupts. The child is
a fresh interpreter that reads its task from a pipe: it does not run the user's
script again, as multiprocessing's would.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

_STACK = 512 * 1024 * 1024  # SymPy recurses over the depth of an expression
_RECURSION = 100_000

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
    task = pickle.dumps(sys.path) + pickle.dumps((function, args))
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        answer, complaint = child.communicate(task, timeout=budget)
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"not finished in {budget:g} s") from None
    finally:
        child.kill()
        child.communicate()
    if child.returncode or not answer:
        raise RuntimeError(f"the SymPy process failed: {complaint.decode()[-500:]}")
    ok, result = pickle.loads(answer)
    if not ok:
        raise result
    return result


def serve() -> None:
    """Do the task on standard input; the child's side of `call_in_process`."""
    function, args = pickle.load(sys.stdin.buffer)
    sys.setrecursionlimit(_RECURSION)
    threading.stack_size(_STACK)
    answers: list[bytes] = []

    def work() -> None:
        try:
            answers.append(pickle.dumps((True, function(*args))))
        except Exception as error:
            answers.append(pickle.dumps((False, error)))

    worker = threading.Thread(target=work)
    worker.start()
    worker.join()
    sys.stdout.buffer.write(answers[0])
