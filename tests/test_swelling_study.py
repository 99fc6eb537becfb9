"""Studies: the table, the laws of SymPy's sizes, the plot, and what goes wrong."""

import json
import math
import os
import signal
import threading
import time

import pytest
import sympy as sp

import diffkit as dk
from diffkit.errors import ArgumentError, EvaluationFailed, ExpressionError
from diffkit.swelling.asking import asked_one_by_one
from diffkit.swelling.reading import read_expressions
from diffkit.swelling.sizes import measure
from diffkit.swelling.terms import Terms
from diffkit.symbolic import diff, to_sympy

OWN = ("primal", "tangent", "adjoint", "textbook", "unrolled")
n = sp.Symbol("n")


@pytest.fixture(scope="module")
def logistic():
    """With SymPy's rows but simplify."""
    return dk.swell_study("logistic", range(1, 13), rows=[*OWN, "sympy", "cse"], budget=60)


# -- laws -------------------------------------------------------------------------------------


def test_laws_of_the_logistic_map(logistic):
    """The formulas of the table, as SymPy expressions in n."""
    laws = {
        ("primal", "dag_ops"): 4 * n,
        ("primal", "tree_ops"): 4 * (2**n - 1),
        ("tangent", "dag_ops"): 9 * n - 2,
        ("adjoint", "dag_ops"): 9 * n - 2,
        ("textbook", "tree_ops"): (4 * n - 1) * 2**n,
        ("unrolled", "tree_ops"): sp.Rational(8, 3) * (4**n - 1) - 2**n,
    }
    for pair, formula in laws.items():
        law = logistic.law(*pair)
        assert law.certain
        assert sp.expand(law.formula - formula) == 0, pair


def test_sympys_own_sizes_obey_laws(logistic):
    """As SymPy holds it the DAG grows as n^3, and the tree as n^2 2^n."""
    dag, tree = logistic.law("sympy", "dag_ops"), logistic.law("sympy", "tree_ops")

    assert (dag.certain, dag.roots) == (True, {1: 4})
    assert (tree.certain, tree.roots) == (True, {2: 3})
    assert logistic.sizes("sympy", "dag_ops")[9] == 604
    assert logistic.sizes("sympy", "tree_ops")[11] == 547840
    assert logistic.sizes("cse", "dag_ops")[9] == 282
    assert logistic.sizes("sympy", "count_ops")[:4] == [2, 21, 82, 264]


@pytest.mark.parametrize("depth", range(1, 11))
def test_the_memoised_derivative_has_sympys_sizes(depth):
    """Where sympy.diff finishes, its result has the very size, and is the very expression."""
    x = sp.Symbol("x", real=True)
    f = to_sympy(dk.lower(dk.families.logistic(depth)), evaluate=True)
    ours, theirs, terms = diff(f, x), f.diff(x), Terms()
    sizes = [measure(terms, read_expressions(terms, [d])) for d in (ours, theirs)]

    assert sizes[0] == sizes[1]
    assert ours == theirs


def test_depth_40_as_sympy_holds_it():
    """Foretold by the laws n^3/3 + 5n^2/2 + 13n/6 - 1 and (3n^2 + 9n - 5) 2^n / 4."""
    row = dk.swell(dk.families.logistic(40), "x", rows=["sympy"], budget=60)["sympy"]

    assert row.dag_ops == (2 * 40**3 + 15 * 40**2 + 13 * 40 - 6) // 6
    assert row.tree_ops == (3 * 40**2 + 9 * 40 - 5) * 2**40 // 4


def test_roots_of_the_other_families():
    """The kinds of growth that were measured with other programs, root by root."""
    golden = (1 + sp.sqrt(5)) / 2
    cases = {
        ("softplus", "textbook"): {1: 3},
        ("speelpenning", "textbook"): {1: 3},
        ("x_sin_x", "textbook"): {2: 2},
        ("x_sin_x", "unrolled"): {4: 1, 2: 1, 1: 1},
        ("mlp_tanh", "textbook"): {2: 2, 1: 1},
        ("mlp_relu", "unrolled"): {4: 1, 2: 1, 1: 1},
        ("fibonacci", "textbook"): {golden: 2, 1 - golden: 2, 1: 1},
    }
    for (family, row), roots in cases.items():
        study = dk.swell_study(family, range(1, 15), rows=[row])
        found = study.law(row, "tree_ops").roots
        assert {sp.nsimplify(r): m for r, m in found.items()} == roots, (family, row)
    unrolled = dk.swell_study("fibonacci", range(1, 15), rows=["unrolled"]).law("unrolled")
    assert max(unrolled.roots, key=sp.N).equals(golden**2)


def test_seconds_are_fitted_not_decided():
    """A measured column never has an exact law."""
    study = dk.swell_study("logistic", range(50, 60), rows=OWN)
    assert not study.law("adjoint", "seconds").certain


# -- depth ------------------------------------------------------------------------------------


def test_depth_10000_of_a_chain():
    """No recursion, exact integers of 6020 digits, and they can be printed and saved as JSON."""
    study = dk.swell_study("logistic", [10_000], rows=["textbook", "unrolled"])

    assert study.sizes("textbook", "dag_ops") == [9 * 10_000 - 3]
    assert study.sizes("textbook", "tree_ops") == [(4 * 10_000 - 1) * 2**10_000]
    assert study.sizes("unrolled", "tree_ops") == [8 * (4**10_000 - 1) // 3 - 2**10_000]
    assert "1.061e6021" in str(study)  # log10(8/3) + 10000 log10(4) = 6021.02588
    saved = json.loads(json.dumps(study.to_dict()))["sizes"]["unrolled"][0]["tree_ops"]
    assert len(saved) == 6022
    assert math.isclose(float(f"0.{saved[:17]}"), 0.106141, rel_tol=1e-4)


# -- any function of n is a family ------------------------------------------------------------


def test_any_function_of_n_is_a_family():
    """Texts, SymPy expressions, Programs and NumPy functions give the same study."""
    x = sp.Symbol("x")

    def by_numpy(depth):
        def f(x):
            for _ in range(depth):
                x = 4 * x * (1 - x)
            return x

        return f

    def by_sympy(depth):
        e = x
        with sp.evaluate(False):
            for _ in range(depth):
                e = (4 * e) * (1 - e)
        return e

    families = [by_numpy, by_sympy, lambda k: dk.lower(dk.families.logistic(k))]
    for family in families:
        study = dk.swell_study(family, range(1, 9), rows=OWN)
        assert study.law("adjoint", "dag_ops").text == "9n - 2"
        assert study.law("textbook", "tree_ops").text == "(4n - 1) 2^n"


# -- views ------------------------------------------------------------------------------------


def test_views_show_the_laws(logistic):
    """Under each column, in the terminal, in a notebook and in LaTeX."""
    for text in (str(logistic), logistic._repr_html_()):
        assert "9n - 2" in text
        assert "(4n - 1) 2^n" in text
        assert "order 2, 8 spare terms" in text
    latex = logistic.to_latex()
    assert r"\toprule" in latex
    assert r"9n - 2" in latex
    assert logistic.to_dict()["laws"]["adjoint dag_ops"]["text"] == "9n - 2"


def test_dataframe_holds_exact_integers():
    """Beyond what int64 counts."""
    pytest.importorskip("pandas")
    frame = dk.swell_study("logistic", [100], rows=OWN).to_dataframe()
    assert frame.loc[(100, "unrolled"), "tree_ops"] == 8 * (4**100 - 1) // 3 - 2**100


@pytest.mark.parametrize("suffix", ["svg", "pdf", "png"])
def test_plot_is_saved_in_each_format(suffix, tmp_path):
    """A whole file of that kind, also where sizes are beyond floats."""
    path = tmp_path / f"swell.{suffix}"
    figure = dk.swell_study("logistic", [1, 500, 1000], rows=OWN).plot(path)

    beginning = {"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG"}[suffix]
    assert path.read_bytes().startswith(beginning)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    tops = [max(line.get_ydata()) for line in figure.axes[0].lines]
    assert max(tops) == pytest.approx(math.log10(8 / 3) + 1000 * math.log10(4))


def test_plot_is_saved_whole_or_not_at_all(tmp_path):
    """An unknown format, or a disk that fails, leaves nothing behind."""
    study = dk.swell_study("logistic", range(1, 4), rows=OWN)
    for name in ("swell.doc", "swell"):
        with pytest.raises(ArgumentError, match=r"give \.svg"):
            study.plot(tmp_path / name)
    with pytest.raises(OSError, match="missing"):
        study.plot(tmp_path / "missing" / "swell.svg")
    assert not list(tmp_path.iterdir())


# -- what goes wrong --------------------------------------------------------------------------


def test_variables_may_be_added_but_not_exchanged():
    """A family that returns other variables at another depth is refused, with both."""
    with pytest.raises(ArgumentError, match="x at n = 1 is missing at n = 2, which has y"):
        dk.swell_study(lambda k: "x*x" if k == 1 else "y*y", [1, 2])
    with pytest.raises(ArgumentError, match="at n = 2: wrt='x' is not in the source"):
        dk.swell_study(lambda k: "x*x" if k == 1 else "y*y", [1, 2], "x")
    assert dk.swell_study("speelpenning", [1, 2], rows=OWN).sizes("adjoint", "dag_ops") == [1, 4]


@pytest.mark.parametrize("depths", [[], [1, 1], [2, 1], [1, 2.5], 5, ["1"], [-1, 1], None])
def test_depths_must_increase(depths):
    """Whole numbers, each larger than the one before."""
    with pytest.raises(ArgumentError, match="depths"):
        dk.swell_study("logistic", depths)


def test_what_is_no_family_is_refused():
    """A text is a family's name; a constant source has nothing to differentiate by."""
    with pytest.raises(ArgumentError, match="not a family"):
        dk.swell_study("sin(x)", [1])
    with pytest.raises(ArgumentError, match="give a function of n"):
        dk.swell_study(3, [1])
    with pytest.raises(ArgumentError, match="at n = 1: the source is a constant"):
        dk.swell_study(lambda k: "2", [1])
    with pytest.raises(ArgumentError, match="'no' is not a row here"):
        dk.swell_study("logistic", [1], rows=OWN).sizes("no")
    with pytest.raises(ArgumentError, match="'no' is not a column"):
        dk.swell_study("logistic", [1], rows=OWN).sizes("primal", "no")


def test_what_was_too_slow_once_is_not_tried_again():
    """simplify at n = 10 runs out of time; deeper ones say so, and do not wait."""
    study = dk.swell_study("logistic", [10, 20, 30], rows=["simplify"], budget=1.5)
    statuses = [study.reports[k]["simplify"].status for k in study.depths]

    assert statuses[0] == "did not finish in 1.5 s"
    assert set(statuses[1:]) == {"not tried: a smaller one took too long"}


def interrupt_after(seconds):
    """What Ctrl-C does to the main thread, a little later."""
    main = threading.main_thread().ident
    threading.Timer(seconds, signal.pthread_kill, [main, signal.SIGINT]).start()


def crash_at_two(tasks):
    """A child that dies without a word, as one that is out of memory does."""
    for task in tasks:
        if task == 2:
            os._exit(1)
        yield 10 * task


def test_a_child_that_dies_costs_one_answer():
    """The others are asked of a new process."""
    found = list(asked_one_by_one(crash_at_two, (), [1, 2, 3], budget=60))

    assert [(task, answer) for task, answer, _ in found] == [(1, 10), (2, None), (3, 30)]
    assert "the SymPy process failed" in found[1][2]


def test_ctrl_c_keeps_what_was_finished():
    """The depths so far come back, and the study says that it was interrupted."""

    def family(k):
        if k == 3:
            interrupt_after(0.1)
            time.sleep(20)
        return dk.families.logistic(k)

    study = dk.swell_study(family, range(1, 10), rows=OWN)

    assert study.interrupted
    assert study.depths == (1, 2)
    assert "interrupted" in str(study)


def test_ctrl_c_while_sympy_works_keeps_the_sizes():
    """The child is killed; what it had not answered is marked."""
    interrupt_after(1.5)
    study = dk.swell_study("logistic", [12], rows=["textbook", "simplify"], budget=60)

    assert study.interrupted
    assert study.sizes("textbook") == [(4 * 12 - 1) * 2**12]
    assert study.reports[12]["simplify"].status == "interrupted"


def test_progress_appears_on_stderr_only_when_it_takes_long(capfd, monkeypatch):
    """A quick study prints nothing; a slow one a bar, and not into the results."""
    dk.swell_study("logistic", [1], rows=OWN)
    assert capfd.readouterr() == ("", "")
    monkeypatch.setattr("diffkit.progress.PATIENCE", 0.0)
    monkeypatch.setenv("FORCE_COLOR", "1")
    dk.swell_study("logistic", [1, 2], rows=OWN)
    out, err = capfd.readouterr()
    assert out == ""
    assert "logistic" in err


def test_a_family_that_raises_midway_loses_nothing():
    """The error says where; the study of the depths before is in it."""

    def breaking(n):
        if n == 4:
            raise OSError("no more paper")
        return "*".join(["x"] * (n + 1))

    with pytest.raises(EvaluationFailed, match="at n = 4: the family raised OSError: no more") as e:
        dk.swell_study(breaking, range(1, 8), rows=OWN)
    assert e.value.result.depths == (1, 2, 3)
    assert e.value.result.sizes("primal") == [1, 2, 3]
    with pytest.raises(ExpressionError, match="at n = 2") as e:
        dk.swell_study(lambda n: "x*" if n == 2 else "x*x", [1, 2], rows=OWN)
    assert e.value.result.depths == (1,)
