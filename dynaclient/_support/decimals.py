"""Numbers that keep their digits: `decimal.Decimal`, whose module is imported when there is one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from decimal import Decimal


MAX_DIGITS = 4000
"""How many digits a whole number may have; Python and most readers of JSON stop soon after."""


def is_decimal(value: Any) -> bool:
    """Whether `value` is a Decimal; where there is one, its module is imported already."""
    return isinstance(value, getattr(sys.modules.get("decimal"), "Decimal", ()))


def is_far(number: Decimal) -> bool:
    """Whether a Decimal has many more places than digits, so that work with it has no bound."""
    return abs(number.adjusted()) > max(MAX_DIGITS, len(number.as_tuple().digits))


def decimal(text: str) -> Decimal | float:
    """A number of JSON with all of its digits; as a float where it is too far from 1 to be worked with."""
    from decimal import Decimal, InvalidOperation  # late: 1 ms

    try:
        number = Decimal(text)
    except InvalidOperation:  # an exponent beyond what Decimal has
        return float(text)
    return float(text) if is_far(number) else number


def parse_number(text: str) -> Decimal | float:
    """A number that was typed as JSON: a float where that is the same number, else with all of its digits.

    A Decimal may stand for text where the schema asks for text; 0.5 may not.
    """
    return float(text) if exact_decimal(float(text)) == decimal(text) else decimal(text)


def exact_decimal(number: Any) -> Any:
    """A float as the Decimal that it is written as, which is what is meant by it; others as they are."""
    from decimal import Decimal  # late: 1 ms

    return Decimal(repr(number)) if isinstance(number, float) and number - number == 0 else number
