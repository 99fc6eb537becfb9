"""The lecture's two symbolic derivatives: how much of them is repeated, and by which rule."""

import sympy as sp

import diffkit as dk

NEURON = "log(1 + exp(w*x + b))"
NESTED = "s = log(1 + exp(w*x + b)); log(1 + exp(w*s + b))"


def show(source):
    report = dk.swell(source, "w", budget=0)
    textbook, adjoint = report["textbook"], report["adjoint"]
    print(f"d/dw of {source}\n  {report.formula()}")
    print(f"  {textbook.tree_ops} operations written out, {textbook.dag_ops} distinct ones")
    print(f"  the function and its adjoint Program together: {adjoint.dag_ops}\n")
    print(report.blame(), "\n")
    return report


def main():
    once, twice = show(NEURON), show(NESTED)

    sizes = [
        (r["textbook"].tree_ops, r["textbook"].dag_ops, r["adjoint"].dag_ops) for r in (once, twice)
    ]
    assert sizes == [(10, 7, 8), (37, 17, 19)]

    # SymPy agrees with the textbook's formula, at any point.
    w, x, b = sp.symbols("w x b", real=True)
    f = sp.log(1 + sp.exp(w * x + b))
    by_sympy = sp.lambdify([w, x, b], f.diff(w))(0.5, -1.0, 2.0)
    by_hand = dk.lower(once.formula())(w=0.5, x=-1.0, b=2.0)
    assert abs(by_sympy - by_hand) < 1e-15

    print("From the formula to the tape, one name at a time:\n")
    for listing in twice.name_it():
        print(f"{listing.operations} operations\n{listing}\n")
    assert listing.operations == twice["textbook"].dag_ops


if __name__ == "__main__":
    main()
