"""autograd's own tests, run on diffkit: python -m tests.peers.autograd_suite.

The source archive of autograd is downloaded into a temporary folder; its tests run
there with the package in `shim/` standing for autograd: plain NumPy for
autograd.numpy, diffkit's verbs for autograd's.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

VERSION = "1.9.1"
HERE = Path(__file__).parent
ROOT = HERE.parents[1]
REASONS = HERE / "autograd_reasons.md"


@dataclass(frozen=True)
class Outcome:
    """What became of one test."""

    test: str
    status: str  # passed, failed, error or skipped
    cause: str = ""

    @property
    def function(self) -> str:
        """The test without its parameters."""
        return self.test.split("[")[0]


def main() -> int:
    """Run, print; exit 1 if a test fails that has no reason, or has one and passes."""
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(options.tests or fetched(folder), folder / "run" / "tests")
        outcomes = run(folder / "run", options.select)
    print(summary(outcomes))
    if options.list:
        print(*[f"{o.test}: {o.cause}" for o in outcomes if o.status != "passed"], sep="\n")
    if not options.reasons:
        return 0
    complaints = unexplained(outcomes, read_reasons(options.reasons))
    print(*complaints, sep="\n")
    return int(bool(complaints))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.peers.autograd_suite", description="Run autograd's tests on diffkit."
    )
    parser.add_argument("--tests", type=Path, metavar="FOLDER", help="instead of downloading them")
    parser.add_argument("--select", default="", metavar="WORDS", help="as pytest -k")
    parser.add_argument("--list", action="store_true", help="name every test that does not pass")
    parser.add_argument(
        "--reasons", type=Path, nargs="?", const=REASONS, metavar="FILE", help="compare to reasons"
    )
    return parser


# -- running -----------------------------------------------------------------------


def fetched(folder: Path) -> Path:
    """Download autograd's source archive and return the folder of its tests."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"]
    options = ["--no-binary", ":all:", "--no-deps", "--dest", str(folder)]
    subprocess.run([*pip, *options, f"autograd=={VERSION}"], check=True)
    with tarfile.open(next(folder.glob("autograd-*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return folder / f"autograd-{VERSION}" / "tests"


def run(folder: Path, select: str = "") -> list[Outcome]:
    """Run the tests in `folder` with the shim in place of autograd."""
    (folder / "pytest.ini").write_text("[pytest]\n")
    report = folder / "report.xml"
    paths = [str(HERE / "shim"), str(ROOT), os.environ.get("PYTHONPATH", "")]
    command = [sys.executable, "-m", "pytest", "tests", "-q", f"--junitxml={report}", "-k", select]
    subprocess.run(
        [*command, "-p", "no:cacheprovider"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        stdout=subprocess.DEVNULL,
        check=False,  # failing tests are findings, told below
    )
    return [_outcome(case) for case in ET.parse(report).iter("testcase")]


def _outcome(case: ET.Element) -> Outcome:
    test = f"{case.get('classname', '').split('.')[-1]}.py::{case.get('name')}"
    for tag, status in (("failure", "failed"), ("error", "error"), ("skipped", "skipped")):
        found = case.find(tag)
        if found is not None:
            return Outcome(test, status, cause_of(found.get("message", "")))
    return Outcome(test, "passed")


def cause_of(message: str) -> str:
    """What different failures have in common: the message without places and numbers."""
    line = message.strip().splitlines()[0] if message.strip() else "no message"
    line = re.sub(r"^diffkit\.errors\.", "", line)
    missing = re.match(r"MissingRule: (\S+) met a traced value", line)
    if missing:
        return f"no row: {missing[1]}"
    line = re.sub(r" at [\w.]+:\d+( \([^()]*(\([^()]*\)[^()]*)*\))?", "", line)
    return re.sub(r"-?\d+\.\d+(e[+-]?\d+)?j?", "#", line)[:110]


# -- telling -----------------------------------------------------------------------


def summary(outcomes: Sequence[Outcome]) -> str:
    """Counts, and the failures grouped by cause, the most frequent first."""
    counts = Counter(o.status for o in outcomes)
    told = [f"{n} {status}" for status, n in counts.most_common()]
    groups = defaultdict(list)
    for o in outcomes:
        if o.status != "passed":
            groups[o.cause].append(o.function.removeprefix("test_"))
    lines = [f"autograd {VERSION}: {len(outcomes)} tests, {', '.join(told)}"]
    for cause, tests in sorted(groups.items(), key=lambda item: -len(item[1])):
        lines += ["", f"{len(tests):4d}  {cause}", f"      {_shortened(tests)}"]
    return "\n".join(lines)


def _shortened(tests: Iterable[str], most: int = 5) -> str:
    tests = list(dict.fromkeys(tests))
    rest = f", and {len(tests) - most} more" if len(tests) > most else ""
    return ", ".join(tests[:most]) + rest


# -- reasons -----------------------------------------------------------------------


def read_reasons(page: Path) -> dict[str, str]:
    """Return test function -> reason, from the rows of the tables of a Markdown page."""
    rows = re.findall(r"^\| `(test_\S+)` \| (.+) \|$", page.read_text("utf-8"), re.MULTILINE)
    return dict(rows)


def unexplained(outcomes: Sequence[Outcome], reasons: dict[str, str]) -> list[str]:
    """Say which tests fail without a reason, and which reasons have no failing test."""
    wrong = {o.function: o for o in outcomes if o.status in ("failed", "error")}
    there = {o.function for o in outcomes if o.status != "skipped"}
    return [
        *[f"no reason: {o.test}: {o.cause}" for name, o in wrong.items() if name not in reasons],
        *[f"passes now: {name}" for name in reasons if name in there and name not in wrong],
    ]


if __name__ == "__main__":
    sys.exit(main())
