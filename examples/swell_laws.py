"""Which derivatives explode: growth laws of the logistic map and of small neural networks."""

import sympy as sp

import diffkit as dk

n = sp.Symbol("n")


def main():
    # The logistic map uses its argument twice at each level: every tree is exponential.
    logistic = dk.swell_study("logistic", range(1, 13), rows=["adjoint", "textbook", "sympy"])
    print(logistic, "\n")
    assert logistic.law("adjoint", "dag_ops").formula == 9 * n - 2
    assert sp.expand(logistic.law("textbook", "tree_ops").formula - (4 * n - 1) * 2**n) == 0

    # A network by depth: two units a layer, each read by both units of the next.
    for family in ("mlp_tanh", "mlp_relu", "mlp_sigmoid"):
        study = dk.swell_study(family, range(1, 13), rows=["adjoint", "textbook", "unrolled"])
        for row, column in (
            ("adjoint", "dag_ops"),
            ("textbook", "tree_ops"),
            ("unrolled", "tree_ops"),
        ):
            law = study.law(row, column)
            assert law.certain
            print(f"{family:12} {row:9} {column:9} {law}")

    # By width, with one hidden layer, nothing explodes: no unit reads another.
    width = dk.swell_study("mlp_width_tanh", range(1, 13), rows=["textbook"]).law(
        "textbook", "tree_ops"
    )
    assert width.formula == 8 * n - 1
    print(f"{'mlp_width':12} {'textbook':9} {'tree_ops':9} {width}")

    # Nobody can write this derivative, but its length is known to the last digit.
    deep = dk.swell(dk.families.logistic(300), "x", rows=["textbook", "unrolled"])
    assert deep["textbook"].tree_ops == (4 * 300 - 1) * 2**300
    print("\n" + deep.sentence())


if __name__ == "__main__":
    main()
