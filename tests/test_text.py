"""Reading text: what is read, and what each kind of bad text is told."""

import os

import numpy as np
import pytest

import diffkit as dk
from diffkit.errors import ArgumentError, ExpressionError, ShapeError, UnknownName

LECTURE = "z = w*x + b; y = 1/(1+exp(-z)); L = (y-t)**2/2"
LISTING = """\
t1 = w*x
z = t1 + b
t2 = -z
t3 = exp(t2)
t4 = 1 + t3
y = 1/t4
t5 = y - t
t6 = t5**2
L = t6/2"""


@pytest.mark.parametrize(
    "text", [LECTURE, LECTURE.replace("; ", "\n"), LECTURE.replace("**", "^"), LECTURE + " # loss"]
)
def test_the_lecture_listing(text):
    """The lecture's three lines print as its nine primitive operations."""
    program = dk.lower(text)

    assert str(program) == LISTING
    assert program.inputs == ("w", "x", "b", "t")
    assert program.outputs == ("L",)


def test_the_same_listing_from_a_function():
    """Written as a def, the steps take the names of its local variables."""

    def loss(w, x, b, t):
        z = w * x + b
        y = 1 / (1 + np.exp(-z))
        L = (y - t) ** 2 / 2
        return L

    assert str(dk.lower(loss, 0.5, 2.0, 1.0, 0.3)) == LISTING


A = np.array([[1.0, 2.0], [3.0, 5.0]])
V = np.array([0.5, -2.0])

READ = [
    ("2*x^2 - 3", {"x": 3.0}, 15),
    ("-x^2", {"x": 3.0}, -9),
    ("2^3^2 + 0*x", {"x": 1.0}, 512),
    ("x if x > 0 else -x", {"x": -3.0}, 3),
    ("where(x > 0, x, 0.1*x)", {"x": -3.0}, -0.3),
    ("max(x, y, 2)", {"x": 1.0, "y": 3.0}, 3),
    ("max(v) - min(v)", {"v": V}, 2.5),
    ("sum(v) + mean(v) + prod(v)", {"v": V}, -3.25),
    ("norm(v)", {"v": V}, np.sqrt(4.25)),
    ("dot(v, A @ v)", {"v": V, "A": A}, V @ A @ V),
    ("sum(A.T, 0)[1]", {"A": A}, 8),
    ("A[0, 1] + A[-1, :][0] + sum(A[:, 0:1])", {"A": A}, 2 + 3 + 4),
    ("sum([x, 2, x*x])", {"x": 3.0}, 14),
    ("sin(pi/2) * x", {"x": 2.0}, 2),
    ("α*β + σ_1", {"α": 2.0, "β": 3.0, "σ_1": 0.5}, 6.5),
    ("µ + 1", {"μ": 2.0}, 3),
    ("sigmoid(x) + relu(x) + softplus(x)", {"x": 0.0}, 0.5 + 0 + np.log(2)),
    ("(x > 0) & (y > 0) | (x < -5)", {"x": 1.0, "y": 1.0}, True),
    ("7 % x + 7 // x", {"x": 4.0}, 4),
    ("z = (x +\n 1)\ny = z*2", {"x": 1.0}, 4),
    ("e*E*I + beta", {"e": 2.0, "E": 3.0, "I": 4.0, "beta": 1.0}, 25),
    ("outer(v, v)[0, 1] + trace(A)", {"v": V, "A": A}, -1 + 6),
    ("a = x; a = a*a; a = a*a", {"x": 2.0}, 16),
]


@pytest.mark.parametrize(("text", "at", "expected"), READ, ids=[case[0] for case in READ])
def test_text_means_what_numpy_means(text, at, expected):
    """Each form that is read has the value that NumPy gives it."""
    arrays = {name: value for name, value in at.items() if np.ndim(value)}

    assert dk.lower(text, **arrays)(**at) == pytest.approx(expected)


def test_whole_numbers_stay_whole():
    """Constants alone are computed, and whole results stay whole."""
    assert str(dk.lower("x**(1 + 1) + 6/4")) == "t1 = x**2\nt2 = t1 + 1.5"


REFUSED = [
    ("sine(x)", UnknownName, "did you mean sin"),
    ("q(x)", UnknownName, "unknown function q"),
    ("sin", ExpressionError, "call it"),
    ("x.real", ExpressionError, "attributes are not read"),
    ("np.sin(x)", ExpressionError, "write exp\\(x\\), not np.exp"),
    ("x.__class__.__bases__", ExpressionError, "attributes"),
    ("sum(x, axis=0)", ExpressionError, "keyword arguments are not read"),
    ("exp('x')", ExpressionError, "strings are not read"),
    ("f'{x}'", ExpressionError, "strings are not read"),
    ("lambda x: x", ExpressionError, "lam or λ"),
    ("lambda*x", ExpressionError, "lam or λ"),
    ("[x for x in y]", ExpressionError, "comprehensions"),
    ("sum(a for a in b)", ExpressionError, "comprehensions"),
    ("x and y", ExpressionError, "&"),
    ("0 < x < 1", ExpressionError, r"\(a < b\) & \(b < c\)"),
    ("(x, y)", ExpressionError, "tuples"),
    ("(y := x)", ExpressionError, "assignment"),
    ("x is y", ExpressionError, "compare"),
    ("x = y = 2", ExpressionError, "assign to one name"),
    ("x, y = 1, 2", ExpressionError, "assign to one name"),
    ("sin = 2*x", ExpressionError, "choose another name"),
    ("import os", ExpressionError, "not an expression"),
    ("__import__('os').system('true')", ExpressionError, "attributes"),
    ("__import__(x)", UnknownName, "unknown function"),
    ("x +", ExpressionError, "cannot be read"),
    ("x y", ExpressionError, r"x\(y\) to call, x\*y to multiply"),
    ("2x + 1", ExpressionError, r"write 2\*x"),
    ("f(x) = x^2", ExpressionError, "y = x"),
    ("|x|", ExpressionError, r"abs\(x\)"),
    ("x'", ExpressionError, "primes"),
    ("sin(x, y)", ExpressionError, "takes 1 argument"),
    ("sin()", ExpressionError, "takes 1 argument"),
    ("2j*x", ExpressionError, "only real numbers"),
    ("True*x", ExpressionError, "only real numbers"),
    ("x²", ExpressionError, r"write \*\*2"),
    ("x × y", ExpressionError, r"write \*"),
    ("х + 1", ExpressionError, "CYRILLIC"),
    ("ｅｘｐ(x)", ExpressionError, "write e"),
    ("x[y]", ExpressionError, "an index is a whole number"),
    ("__x + 1", ExpressionError, "two underscores"),
    ("9**9**9", ExpressionError, "not a finite"),
    ("9**9**9 * x", ExpressionError, "not a finite"),
    ("1e999999999", ExpressionError, "too large"),
    ("1/0 + x", ExpressionError, "not a finite"),
    ("7" * 5000, ExpressionError, "too many digits|above 10"),
    ("7" * 30, ExpressionError, "write it as a float"),
    ("", ExpressionError, "empty"),
    ("  \n # nothing \n", ExpressionError, "empty"),
    ("x + " * 5000 + "x", ExpressionError, "at most 10,000"),
    ("(" * 250 + "x" + ")" * 250, ExpressionError, "nested deeper than 200"),
    ("-" * 5000 + "x", ExpressionError, "nested deeper than 200"),
    ("x" + "**x" * 3000, ExpressionError, "nested deeper than 200"),
    ("sin(" * 201 + "x" + ")" * 201, ExpressionError, "nested deeper than 200"),
    ("x;" * 500_001, ExpressionError, "at most 1,000,000"),
]


@pytest.mark.parametrize(
    ("text", "kind", "message"), REFUSED, ids=[case[0][:20].strip() for case in REFUSED]
)
def test_bad_text_is_told_what_to_write(text, kind, message):
    """Every refusal is diffkit's own error, short, and says what to write instead."""
    with pytest.raises(kind, match=message) as caught:
        dk.lower(text)

    assert len(str(caught.value)) < 1500


def test_text_is_never_executed(tmp_path):
    """The attacks that run through sympify and eval do nothing here."""
    target = tmp_path / "touched"
    command = f"touch {target}"
    attacks = [
        f"__import__('os').system('{command}')",
        f"().__class__.__base__.__subclasses__()[0].__init__.__globals__['os'].system('{command}')",
        f"x.__class__.__new__.__globals__['sympify']('__import__(os).system({command})')",
        f"exec('import os; os.system(\"{command}\")')",
        f"eval('{command}')",
    ]
    for attack in attacks:
        with pytest.raises(ExpressionError):
            dk.lower(attack)
        with pytest.raises(ExpressionError):
            dk.compare(attack, {"x": 1})
    assert not os.path.exists(target)


def test_a_long_sum_is_not_deep():
    """1000 terms in a row are length, not nesting."""
    assert dk.lower("+".join(["x"] * 1000))(x=1.0) == 1000


def test_shapes_in_text_are_checked_when_read():
    """A mismatch names the part of the text, before any value is given."""
    with pytest.raises(ShapeError, match=r"X @ w.*3.*2"):
        dk.lower("sum(X @ w)", X=np.ones((4, 3)), w=np.ones(2))
    with pytest.raises(ShapeError, match="do not match"):
        dk.lower("x + y", x=np.ones(3), y=np.ones(2))
    with pytest.raises(ShapeError, match="indices"):
        dk.lower("x[0, 1]", x=np.ones(3))


def test_names_in_at_are_checked():
    """A missing and a superfluous name are both named, with the inputs there are."""
    with pytest.raises(ArgumentError, match=r"missing b.*superfluous c.*w, x, b"):
        dk.lower("w*x + b")(w=1, x=2, c=3)
    with pytest.raises(ArgumentError, match=r"superfluous q"):
        dk.lower("w*x", q=1.0)
    with pytest.raises(ArgumentError, match=r"missing x"):
        dk.compare("w*x", {"w": 1})
    with pytest.raises(ArgumentError, match=r"superfluous q"):
        dk.compare("w*x", {"w": 1, "x": 1, "q": 1})


def test_ten_thousand_statements():
    """A program of 10,000 statements is read and evaluated."""
    text = "\n".join(["y = x"] + ["y = y*x + 1"] * 9_999)

    program = dk.lower(text)

    assert program(x=0.5) == pytest.approx(2)
    assert len(program) == 1 + 2 * 9_999
