"""Every call of a replay takes a copy of its steps, with arrays that no other call is using."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from functools import partial
from typing import Any

import numpy as np

WORDS = ("idle", "ready", "run", "steps")

TAKE = """\
try:
    {run} = {idle}.pop()
except IndexError:
    {run} = {ready}()
try:
    return {run}({given})
finally:
    {idle}.append({run})"""


def quiet(steps: Callable, foreign: bool) -> Callable:
    """Return a function that runs where NumPy says nothing about 1/0 and its like.

    What NumPy says is kept in a context variable. A context prepared once costs a call
    20 ns, `np.errstate` 700. Foreign functions see the caller's context, since they may look
    for variables of their own there.
    """
    if foreign:
        return np.errstate(all="ignore")(steps)
    context = Context()
    context.run(partial(np.seterr, all="ignore"))
    return partial(context.run, steps)


def taking(idle: list[Callable], ready: Callable[[], Callable]) -> Callable:
    """Return what `TAKE` says as a function."""

    def steps(*inputs: Any) -> Any:
        try:
            run = idle.pop()
        except IndexError:
            run = ready()
        try:
            return run(*inputs)
        finally:
            idle.append(run)

    return steps
