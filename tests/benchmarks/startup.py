"""What a user waits for before anything happens: the import, and the command line."""

from __future__ import annotations

from statistics import median

from .findings import Finding
from .harness import Effort, cold_starts

MAIN_JOB = ("compare", "log(1 + exp(w*x + b))", "--at", "w=2", "x=-1", "b=0.5")


def import_time(effort: Effort) -> list[Finding]:
    """Seconds that `import diffkit` takes when NumPy is imported already."""
    numpy, both = ["-c", "import numpy"], ["-c", "import numpy; import diffkit"]
    launches = cold_starts([numpy, both], effort.launches)
    extra = median(ours - theirs for theirs, ours in launches)
    return [
        Finding("import diffkit above import numpy", 1e3 * extra, "ms", 60),
        Finding("start and import numpy alone", 1e3 * median(t for t, _ in launches), "ms"),
    ]


def main_job(effort: Effort) -> list[Finding]:
    """Seconds from an empty process to the printed comparison."""
    bare = ["-c", "import numpy, sympy, rich.console"]
    launches = cold_starts([["-m", "diffkit", *MAIN_JOB], bare], effort.launches)
    return [
        Finding("diffkit compare, cold start", median(ours for ours, _ in launches), "s", 3),
        Finding("start and import numpy, sympy, rich alone", median(t for _, t in launches), "s"),
    ]
