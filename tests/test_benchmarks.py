"""The benchmarks' own bookkeeping: what is finished is not lost, and nobody wrong is timed."""

import json
import os
import sys

import numpy as np
import pytest

from tests.benchmarks import __main__ as command
from tests.benchmarks.costs import costs
from tests.benchmarks.findings import Figure, Finding
from tests.benchmarks.harness import AnswersDiffer, Contender, Effort, compete
from tests.benchmarks.peers import PEERS
from tests.benchmarks.report import measured
from tests.benchmarks.works import FUNCTION, Work
from tests.benchmarks.works import measured as works_measured

EFFORT = Effort(rounds=3, launches=1, sizes=(10,), chain_rounds=2, seconds=0.1)


def one(effort):
    """A figure of one number."""
    yield Finding("one", 1.0, "x", 2.0)


def one_then_an_error(effort):
    yield Finding("one", 1.0)
    raise ArithmeticError("it went wrong")


def one_then_the_end(effort):
    """As a library does that overflows the stack."""
    yield Finding("one", 1.0)
    sys.stdout.flush()
    os._exit(3)


def one_then_ctrl_c(effort):
    yield Finding("one", 1.0)
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("measure", "told"),
    [(one_then_an_error, "FAILED: ArithmeticError: it went wrong"), (one_then_the_end, "with 3")],
)
def test_what_goes_wrong_is_a_finding_after_those_before(measure, told):
    """An exception, and a process that dies."""
    first, last = measured(Figure("f", "asks", measure), EFFORT)
    assert (first.what, first.value) == ("one", 1.0)
    assert last.value is None
    assert told in last.note


@pytest.fixture
def written(monkeypatch, tmp_path):
    """Run the command with these figures; return its exit code, the JSON and the Markdown."""

    def run(**figures):
        table = {name: Figure(name, "asks", measure) for name, measure in figures.items()}
        monkeypatch.setattr(command, "FIGURES", table)
        monkeypatch.setattr(command, "measured", lambda figure, effort: figure.measure(effort))
        files = [str(tmp_path / "o.json"), str(tmp_path / "o.md")]
        arguments = ["benchmarks", "--quick", "--json", files[0], "--markdown", files[1]]
        monkeypatch.setattr("sys.argv", arguments)
        code = command.main()
        return code, json.loads((tmp_path / "o.json").read_text()), (tmp_path / "o.md").read_text()

    return run


def test_both_files_say_with_which_versions(written):
    """Of every peer, in JSON and in Markdown."""
    code, found, page = written(one=one)
    assert code == 0
    assert set(PEERS) < set(found["versions"])
    for name, version in found["versions"].items():
        assert f"{name} {version}" in page


def test_ctrl_c_writes_what_is_finished(written, capsys):
    """The findings before it, and that the rest is missing."""
    code, found, page = written(first=one, second=one_then_ctrl_c, third=one)
    assert code == 130
    assert [len(findings) for findings in found["figures"].values()] == [1, 1]
    assert "interrupted" in found["ended"]
    assert "interrupted" in page
    assert "| one | <= 2 x | 1 x | met |" in page
    told = capsys.readouterr()
    assert "measuring second, 2 of 3" in told.err
    assert "interrupted" in told.out


def test_nobody_is_timed_who_gives_other_numbers():
    """A difference of 2e-8 is enough."""
    work = Work("w", lambda: [np.ones(3)], {"peer": lambda: [np.ones(3) + 2e-8]})
    with pytest.raises(AnswersDiffer, match="w: peer differs by 2"):
        list(works_measured([lambda effort: work], EFFORT))


def test_a_work_tells_its_cost_in_functions():
    """A row for each set of peers, those that are not installed too, and one for the function."""
    call = partial_sum
    asked = [(["peer"], 1.0), (["missing"], None)]
    work = Work("w", call, {"peer": call, "missing": None}, asked, function=call, functions=3.0)
    head, peer, missing, function = works_measured([lambda effort: work], EFFORT)
    assert head.what == "w"
    assert (peer.at_most, peer.unit) == (1.0, "x")
    assert missing.note == "not installed"
    assert FUNCTION in function.what
    assert function.at_most == 3.0


def partial_sum():
    return [np.sum(np.arange(1000.0))]


def test_rounds_end_when_the_seconds_are_over():
    """But not before the third."""
    calls = []
    compete([Contender("c", lambda: calls.append(0) or [0.0])], 4, seconds=0.0)
    long = len(calls)
    calls.clear()
    compete([Contender("c", lambda: calls.append(0) or [0.0])], 400, seconds=0.0)
    assert 0 < len(calls) < 20 * long


def test_second_derivatives_are_right_before_they_are_timed():
    """Hessians against columns of products, Jacobians against sweeps; each has a row."""
    found = list(costs(EFFORT))
    assert sum(f.unit == "gradients" and f.at_most == 4 for f in found) == 6
    assert {f.at_most for f in found if f.unit == "hvps"} == {100, 25}
