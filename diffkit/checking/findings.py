"""What can be found: every cause with its advice, and a finding with its evidence."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PAGE = "docs/gradient_checking.md"
WIDTH = 96  # columns of text
VERDICTS = ("pass", "inconclusive", "fail")  # the worst one wins

# fmt: off
ADVICE: dict[str, str] = {
    "ok":                   "Nothing to do.",
    "sign_flip":            "Look for a minus sign, or for (target - output) in place of (output - target).",
    "constant_factor":      "Look for a factor that was forgotten or counted twice: the 2 of a square, a mean against a sum, degrees against radians.",
    "transposed":           "Transpose it, or use order='C' where it is reshaped.",
    "permuted":             "Check the order in which parts are concatenated or unpacked.",
    "missing_term":         "Add the derivative of that term, such as a penalty, to the gradient.",
    "missing_parameter":    "Compute this part; an array of zeros was probably never filled in.",
    "single_component":     "Look at the code of this entry: a boundary, an off-by-one index, a special case.",
    "elementwise_scale":    "Apply the chain rule once more: the derivative of the inner function is missing or counted twice.",
    "wrong_point":          "Evaluate the gradient at the same point as the function: before the update, not after it.",
    "broadcast":            "Check sums and means along this axis, and where keepdims or broadcasting spreads a value.",
    "shape_mismatch":       "Return a gradient of the structure and shape of the argument.",
    "dtype":                "Use floating point numbers: np.zeros_like of integers makes integers, which cut off fractions.",
    "kink":                 "Nothing is wrong with a subgradient; to test the formula, check at another point.",
    "discontinuous":        "Check at a point away from the jump, or check the smooth function before it is rounded or cut.",
    "low_precision":        "Compute f in float64 while it is checked.",
    "noise_floor":          "Make f less noisy: tighter tolerances in inner solvers, or without a large constant added.",
    "nondeterministic_f":   "Fix the seed inside f, or switch off dropout and sampling, while it is checked.",
    "nondeterministic_grad": "Fix the seed inside the gradient; it must be the gradient of the same sample as f.",
    "mutates_input":        "Work on a copy: x = x.copy() at the start, and x = x - m in place of x -= m.",
    "aliased_buffer":       "Return a new array, or a copy of the buffer.",
    "stale_state":          "Do not keep results between calls, or check that they belong to the same point.",
    "nonfinite":            "Find the first operation that gives nan or inf at this point; check elsewhere for the formula.",
    "domain_edge":          "Check at a point inside the domain; at its edge there is at most a one-sided derivative.",
    "vacuous":              "Check at a point where f changes, else any mistake would pass.",
    "unexplained":          "Compare the worst coordinates below with the formula, one term at a time.",
}
# fmt: on
CAUSES = tuple(ADVICE)


@dataclass(frozen=True)
class Evidence:
    """What a test measured: a sentence for a person, where, and the constants.

    Attributes
    ----------
    told : str
    where : tuple of str
        Names of entries or of whole parameters; empty for the whole gradient.
    constants : dict
        The measured numbers, such as {"factor": 2.0}.
    """

    told: str
    where: tuple[str, ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """One cause, with its evidence.

    Attributes
    ----------
    cause : str, one of `CAUSES`
    verdict : "pass", "inconclusive" or "fail"
        What it means for the gradient. A pass is a note.
    message : str
        A sentence for a person.
    where : tuple of str
        Names and indices of entries, or names of whole parameters; empty for
        everything.
    evidence : dict
        What was measured: factor, permutation, coefficient, slopes, ...
    advice : str
    section : str
        Where the documentation explains this cause.
    """

    cause: str
    verdict: str
    message: str
    where: tuple[str, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def advice(self) -> str:
        """What to do about it."""
        return ADVICE[self.cause]

    @property
    def section(self) -> str:
        """The section of the documentation."""
        return f"{PAGE}#{self.cause}"

    def __str__(self) -> str:
        told = (f"{self.cause}: {self.message}", f"    {self.advice}", f"    See {self.section}")
        return "\n".join(textwrap.fill(line, WIDTH, subsequent_indent="    ") for line in told)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            "cause": self.cause,
            "verdict": self.verdict,
            "message": self.message,
            "where": list(self.where),
            "evidence": {key: _plain(value) for key, value in self.evidence.items()},
            "advice": self.advice,
            "section": self.section,
        }


def found(cause: str, verdict: str, evidence: Evidence) -> Finding:
    """Make a finding of what a test measured."""
    return Finding(cause, verdict, evidence.told, evidence.where, dict(evidence.constants))


def worst(findings: tuple[Finding, ...] | list[Finding]) -> str:
    """Return the worst verdict of several findings, "pass" for none."""
    return max((finding.verdict for finding in findings), key=VERDICTS.index, default="pass")


def listed(names: list[str] | tuple[str, ...], most: int = 4) -> str:
    """Print names with commas, the rest counted.

    >>> listed(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value.tolist() if hasattr(value, "tolist") else value
