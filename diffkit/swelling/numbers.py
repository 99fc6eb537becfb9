"""Exact integers of any length, as they are printed."""

from __future__ import annotations

import math

_EXACT_DIGITS = 12  # longer ones are rounded in tables
_CHUNK = 10**4000  # Python refuses to print more than 4300 digits at once


def short(number: float | int | None) -> str:
    """Print a number for a table: exactly while it is short, else as 3.07e602.

    >>> short(28), short(123456789), short(4**1000), short(2.25), short(None)
    ('28', '123,456,789', '1.148e602', '2.25', '-')
    """
    if number is None:
        return "-"
    if isinstance(number, float):
        return f"{number:.3g}" if number < 1e6 else scientific(int(number))
    return f"{number:,}" if number < 10**_EXACT_DIGITS else scientific(number)


def counted(number: int, what: str) -> str:
    """Print "1 step", "2 steps"."""
    return f"{short(number)} {what}{'' if number == 1 else 's'}"


def scientific(number: int) -> str:
    """Print the leading digits of a whole number and its power of ten.

    >>> scientific(3 * 10**500)
    '3e500'
    """
    if number <= 0:
        return str(number)
    exponent = int(math.log10(number))
    leading = number // 10 ** max(exponent - 17, 0) / 10 ** min(exponent, 17)
    if float(f"{leading:.3f}") >= 10:  # the logarithm, or the rounding, was just short
        leading, exponent = leading / 10, exponent + 1
    elif leading < 1:
        leading, exponent = leading * 10, exponent - 1
    return f"{leading:.3f}".rstrip("0").rstrip(".") + f"e{exponent}"


def decimal(number: int) -> str:
    """Return all digits of a whole number, also beyond Python's limit for str.

    >>> len(decimal(10**5000))
    5001
    """
    chunks: list[str] = []
    rest = abs(number)
    while rest >= _CHUNK:
        rest, chunk = divmod(rest, _CHUNK)
        chunks.append(str(chunk).rjust(4000, "0"))
    return ("-" if number < 0 else "") + "".join([str(rest), *reversed(chunks)])


def duration(seconds: float | None) -> str:
    """Print a time in the unit that suits it."""
    if seconds is None:
        return "-"
    for unit, factor in (("s", 1.0), ("ms", 1e3)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e6:.3g} us"


def jsonable(number: float | int | None) -> float | int | str | None:
    """Return a number as JSON can hold it; more than 4000 digits as a string of digits."""
    if isinstance(number, int) and number >= _CHUNK:
        return decimal(number)
    return number
