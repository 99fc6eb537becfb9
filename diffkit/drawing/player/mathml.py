"""Printed expressions as MathML, which browsers draw and screen readers read by themselves.

Names are escaped here, each as it is written; nothing else of a text reaches the page.
"""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Callable

from ...sinks import visible

_GREEK = {
    name: chr(code)
    for code, name in enumerate(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
        "- sigma tau upsilon phi chi psi omega".split(),
        0x3B1,
    )
}
_INDEXED = re.compile(r"(.*[^\d_])_?(\d+)$")

# operator -> (sign, how tightly it binds)
_BINARY = {
    ast.Add: ("+", 1), ast.Sub: ("−", 1), ast.Mult: ("·", 2), ast.MatMult: ("@", 2),
    ast.Mod: ("mod", 2), ast.FloorDiv: ("//", 2),
}  # fmt: skip
_COMPARISON = {
    ast.Gt: "&gt;", ast.Lt: "&lt;", ast.GtE: "≥", ast.LtE: "≤", ast.Eq: "=", ast.NotEq: "≠",
}  # fmt: skip
_NEGATIVE, _POWER, _ATOM = 2, 4, 9

Written = tuple[str, int]  # MathML, and how tightly its outermost operation binds
Names = Callable[[str], str]


def math(text: str, name: Names | None = None) -> str:
    """Return a printed expression as the inside of a ``<math>`` element.

    Parameters
    ----------
    text : str
        One expression in Python's syntax, as Programs print it. It is parsed, never run;
        what is not arithmetic is shown as text.
    name : callable, name -> MathML, optional
        How a variable is written; `identifier` by default.

    Examples
    --------
    >>> math("w*x")
    '<mrow><mi>w</mi><mo>·</mo><mi>x</mi></mrow>'
    >>> math("1/t1")
    '<mfrac><mn>1</mn><msub><mi>t</mi><mn>1</mn></msub></mfrac>'
    """
    try:
        return _written(ast.parse(text, mode="eval").body, name or identifier)[0]
    except (SyntaxError, ValueError, RecursionError):
        return _text(text)


def row(*parts: str) -> str:
    """Put pieces of MathML beside one another."""
    return f"<mrow>{''.join(parts)}</mrow>"


def sign(text: str) -> str:
    """Return an operator such as "=" or "·"."""
    return f"<mo>{_escaped(text)}</mo>"


def fraction(above: str, below: str) -> str:
    """Return ∂above/∂below of two names."""
    return f"<mfrac>{row(sign('∂'), identifier(above))}{row(sign('∂'), identifier(below))}</mfrac>"


def identifier(name: str) -> str:
    """Return a name: Greek letters as such, a number at its end as an index, a bar as a bar.

    >>> identifier("theta2"), identifier("loss")
    ('<msub><mi>θ</mi><mn>2</mn></msub>', '<mi>loss</mi>')
    """
    if name.endswith("_bar") and name != "_bar":
        return f"<mover>{identifier(name[:-4])}<mo>¯</mo></mover>"
    indexed = _INDEXED.match(name)
    if indexed:
        return f"<msub>{identifier(indexed[1])}<mn>{indexed[2]}</mn></msub>"
    return f"<mi>{_escaped(_GREEK.get(name, name))}</mi>"


def _escaped(text: str) -> str:
    return html.escape(visible(text), quote=True)


def _text(text: str) -> str:
    return f"<mtext>{_escaped(text)}</mtext>"


def _written(node: ast.expr, name: Names) -> Written:
    """Return one node; expressions of one step are small, so this may call itself."""
    writer = _WRITERS.get(type(node))
    return writer(node, name) if writer else (_text(ast.unparse(node)), _ATOM)


def _operand(node: ast.expr, name: Names, binding: int) -> str:
    text, own = _written(node, name)
    return row(sign("("), text, sign(")")) if own < binding else text


def _binary(node: ast.BinOp, name: Names) -> Written:
    if isinstance(node.op, ast.Div):
        above, below = _written(node.left, name)[0], _written(node.right, name)[0]
        return f"<mfrac>{above}{below}</mfrac>", _ATOM - 1
    if isinstance(node.op, ast.Pow):
        base = _operand(node.left, name, _ATOM)
        return f"<msup>{base}{_written(node.right, name)[0]}</msup>", _POWER
    symbol, own = _BINARY.get(type(node.op), ("?", 1))
    left, right = _operand(node.left, name, own), _operand(node.right, name, own + 1)
    return row(left, sign(symbol), right), own


def _unary(node: ast.UnaryOp, name: Names) -> Written:
    if not isinstance(node.op, ast.USub):
        return _written(node.operand, name)
    return row(sign("−"), _operand(node.operand, name, _NEGATIVE)), 1


def _call(node: ast.Call, name: Names) -> Written:
    function = ast.unparse(node.func)
    operands = [_written(a, name)[0] for a in node.args]
    operands += [_text(ast.unparse(keyword)) for keyword in node.keywords]
    if function == "sqrt" and len(operands) == 1:
        return f"<msqrt>{operands[0]}</msqrt>", _ATOM
    if function == "exp" and len(operands) == 1:
        return f"<msup><mi>e</mi>{operands[0]}</msup>", _POWER
    inside = sign(",").join(operands)
    return row(f"<mi>{_escaped(function)}</mi>", sign("("), inside, sign(")")), _ATOM


def _compare(node: ast.Compare, name: Names) -> Written:
    parts = [_operand(node.left, name, 1)]
    for operation, right in zip(node.ops, node.comparators, strict=True):
        symbol = _COMPARISON.get(type(operation), "?")
        parts += [f"<mo>{symbol}</mo>", _operand(right, name, 1)]
    return row(*parts), 0


def _constant(node: ast.Constant, name: Names) -> Written:
    return f"<mn>{_escaped(str(node.value))}</mn>", _ATOM


_WRITERS: dict[type, Callable[..., Written]] = {
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Call: _call,
    ast.Compare: _compare,
    ast.Constant: _constant,
    ast.Name: lambda node, name: (name(node.id), _ATOM),
}
