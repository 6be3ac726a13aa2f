"""Numbers for a schema."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor
from typing import Any

from dynaclient.generation.choices import ChoiceSource
from dynaclient.generation.flatten import Unsatisfiable, exact

_USUAL = 100
"""How far from the bound, or from 0, numbers usually are."""
_FORMATS = {"int8": 7, "int16": 15, "int32": 31, "int64": 63}
_STEPS = (Fraction(1), Fraction(1, 4), Fraction(1, 100))


def integer(flat: dict[str, Any], source: ChoiceSource) -> int:
    """A whole number that meets the bounds and `multipleOf` of a flat schema. Raises Unsatisfiable."""
    divisor = exact(flat.get("multipleOf", 1))
    step = Fraction(divisor.numerator)  # whole multiples of p/q are the multiples of p
    return int(_multiple(flat, source, step, divisor))


def number(flat: dict[str, Any], source: ChoiceSource) -> int | float:
    """A number that meets the bounds and `multipleOf` of a flat schema. Raises Unsatisfiable."""
    if "multipleOf" in flat:
        step = exact(flat["multipleOf"])
        return _plain(_multiple(flat, source, step, step))
    for step in (source.choice(_STEPS), *_STEPS, _between(flat)):
        try:
            return _plain(_multiple(flat, source, step, Fraction(0)))
        except Unsatisfiable:
            continue
    raise Unsatisfiable("no number lies within the bounds")


_LARGE = {2**31 - 1: "2^31 - 1", 2**31: "2^31", 2**53 - 1: "2^53 - 1"}


def edges(flat: dict[str, Any], *, whole: bool) -> Iterator[tuple[int | float, str]]:
    """Numbers at the bounds of a flat schema, just inside them, and special ones; and what each is."""
    divisor = exact(flat["multipleOf"]) if "multipleOf" in flat else Fraction(1 if whole else 0)
    step = Fraction(divisor.numerator) if whole else divisor or min(_between(flat), Fraction(1, 100))
    low, high = _ends(flat, step) if divisor else _real_ends(flat, step)
    wanted = [(low, "the least allowed")] if low is not None else []
    wanted += [(high, "the most allowed")] if high is not None else []
    wanted += [(Fraction(0), ""), (Fraction(-1), "")]
    wanted += [(low + step, "just above the least allowed")] if low is not None else []
    wanted += [(high - step, "just below the most allowed")] if high is not None else []
    wanted += [(Fraction(number), said) for number, said in _LARGE.items()]
    for value, said in wanted:
        inside = (low is None or low <= value) and (high is None or value <= high)
        if inside and not (divisor and value % step) and _agreed(value, divisor):
            yield _plain(value), said


_LARGE = {1: "", 2**31 - 1: "2^31 - 1", 2**31: "2^31", 2**53 - 1: "2^53 - 1"}


def _ends(flat: dict[str, Any], step: Fraction) -> tuple[Fraction | None, Fraction | None]:
    low, high = _bounds(flat, step)
    return None if low is None else low * step, None if high is None else high * step


def _real_ends(flat: dict[str, Any], step: Fraction) -> tuple[Fraction | None, Fraction | None]:
    lows = [exact(flat["minimum"])] if "minimum" in flat else []
    lows += [exact(flat["exclusiveMinimum"]) + step] if "exclusiveMinimum" in flat else []
    highs = [exact(flat["maximum"])] if "maximum" in flat else []
    highs += [exact(flat["exclusiveMaximum"]) - step] if "exclusiveMaximum" in flat else []
    return max(lows, default=None), min(highs, default=None)


def _plain(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def _multiple(flat: dict[str, Any], source: ChoiceSource, step: Fraction, divisor: Fraction) -> Fraction:
    """A multiple of `step` within the bounds, and one of `divisor` (0: of none) to binary floats as well."""
    low, high = _bounds(flat, step)
    if low is not None and high is not None and low > high:
        raise Unsatisfiable("no number lies within the bounds")
    first = _drawn(source, low, high)
    tries = [first, *range(first, first + 50), *range(first, first - 50, -1)]
    for count in tries:
        value = Fraction(count) * step
        within = (low is None or count >= low) and (high is None or count <= high)
        if within and _agreed(value, divisor):
            return value
    raise Unsatisfiable("no multiple lies within the bounds")


def _bounds(flat: dict[str, Any], step: Fraction) -> tuple[int | None, int | None]:
    """The least and the largest count of steps; None is without bound."""
    lows = [ceil(exact(flat["minimum"]) / step)] if "minimum" in flat else []
    lows += [floor(exact(flat["exclusiveMinimum"]) / step) + 1] if "exclusiveMinimum" in flat else []
    highs = [floor(exact(flat["maximum"]) / step)] if "maximum" in flat else []
    highs += [ceil(exact(flat["exclusiveMaximum"]) / step) - 1] if "exclusiveMaximum" in flat else []
    bits = _FORMATS.get(flat.get("format", ""))
    if bits is not None:
        lows.append(ceil(-(2**bits) / step))
        highs.append(floor((2**bits - 1) / step))
    return max(lows, default=None), min(highs, default=None)


def _drawn(source: ChoiceSource, low: int | None, high: int | None) -> int:
    """Mostly near 0, or near the bound that keeps it from 0; sometimes a bound itself."""
    edges = [edge for edge in (low, high) if edge is not None]
    if edges and source.chance(8):
        return source.choice(edges)
    if low is None and high is None:
        return source.integer(0, _USUAL) * (-1 if source.chance(6) else 1)
    if low is None or (low <= 0 and high is not None and high < 0):
        return (high or 0) - source.integer(0, _USUAL if low is None else min(_USUAL, (high or 0) - low))
    start = max(low, 0)
    return start + source.integer(0, _USUAL if high is None else min(_USUAL, high - start))


def _agreed(value: Fraction, divisor: Fraction) -> bool:
    """Whether a checker that divides binary floats sees a multiple as well."""
    if not divisor or (value.denominator == 1 and divisor.denominator == 1):
        return True
    return (float(value) / float(divisor)).is_integer()


def _between(flat: dict[str, Any]) -> Fraction:
    """A step so small that a multiple of it lies between narrow bounds."""
    edges = [
        exact(flat[name])
        for name in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")
        if name in flat
    ]
    gap = max(edges, default=Fraction(1)) - min(edges, default=Fraction(0))
    step = Fraction(1)
    while gap and step > gap / 4 and step > Fraction(1, 10**18):
        step /= 10
    return step
