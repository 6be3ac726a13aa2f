"""What stands where there is no value at all; None is a value."""

from enum import Enum
from typing import Final


class Missing(Enum):
    """The type of `MISSING`: an argument that was not given, a parameter that was not sent."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing.MISSING
