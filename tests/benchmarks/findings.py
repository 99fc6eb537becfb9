"""What a measurement says: a number, its unit, and the most that is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from .harness import Effort


@dataclass(frozen=True)
class Finding:
    """One measured number.

    Attributes
    ----------
    what : str
    value : float or None
        None if it could not be measured; `note` says why.
    unit : str
    at_most : float or None
        What is asked; None for a number that is only reported.
    note : str
    """

    what: str
    value: float | None
    unit: str = ""
    at_most: float | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Say whether the value is within what is asked; None if there is nothing to say."""
        if self.at_most is None or self.value is None:
            return None
        return self.value <= self.at_most

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {**asdict(self), "met": self.met}


def not_installed(what: str, unit: str, at_most: float | None = None) -> Finding:
    """Return what is said about a peer that is missing."""
    return Finding(what, None, unit, at_most, note="not installed")


@dataclass(frozen=True)
class Figure:
    """A question to the package, and how it is answered."""

    name: str
    asks: str
    measure: Callable[[Effort], Iterable[Finding]]
