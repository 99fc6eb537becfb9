"""The table of figures: what is asked of the package, and what measures it."""

from __future__ import annotations

from .animating import animating
from .checkers import checkers
from .costs import costs
from .drawing import drawing
from .findings import Figure
from .finite import accuracy, coverage
from .functions import functions
from .gradient import gradient
from .memory import memory
from .minimizing import minimizing
from .operations import operations
from .recording import recording
from .replays import replays
from .rules import rules
from .startup import import_time, main_job
from .swelling import swelling

# fmt: off
FIGURES = {
    figure.name: figure
    for figure in (
        Figure("import",     "at most 60 ms above import numpy",              import_time),
        Figure("compare",    "the README's main job: under 3 s, cold",        main_job),
        Figure("gradient",   "traced anew: 0.15 of autograd, 0.25 of torch",  gradient),
        Figure("functions",  "traced anew: 1.0 of autograd, median 0.5",      functions),
        Figure("recording",  "linear to 10**6 steps, at most 400 bytes each", recording),
        Figure("accuracy",   "finite: 3e-14, 25 of 30 below 1e-10, 15 calls", accuracy),
        Figure("coverage",   "error bars hold on 99 %, at most 30 x too wide", coverage),
        Figure("checkers",   "gradcheck misses and blames nothing planted",   checkers),
        Figure("rules",      "an update: level with torch, 3 times optax",    rules),
        Figure("minimizing", "MGH problems: none wrong, 1.1 of SciPy",        minimizing),
        Figure("replays",    "traced anew and compiled, against each work's peers", replays),
        Figure("costs",      "hvp: 4 gradients; Hessian of n: n hvps; Jacobian: one sweep", costs),
        Figure("memory",     "peak memory of gradients: at most torch's",     memory),
        Figure("animating",  "100 frames, 4 paths: under 1 s and 300 kB",     animating),
        Figure("operations", "at most 5 times the program's own steps",       operations),
        Figure("swelling",   "depth 1000 in 2 s; linear in the steps",        swelling),
        Figure("drawing",    "crossings of dot; 1000 nodes 0.3 s, 20,000 5 s", drawing),
    )
}
# fmt: on
