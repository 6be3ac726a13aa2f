"""Python names for the names in a document."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Iterable

from dynaclient import late

_PLURAL_ACRONYM = late.pattern(r"([A-Z]{2,})s(?![a-z])")
_ACRONYM_THEN_WORD = late.pattern(r"([A-Z]+)([A-Z][a-z])")
_LOWER_THEN_UPPER = late.pattern(r"([a-z0-9])([A-Z])")
_BRACES = frozenset("{}")
_NOT_A_WORD = late.pattern(r"[^0-9A-Za-z_]+")


def snake_case(name: str) -> str:
    """`name` as a Python identifier: humps split, acronyms whole, other characters to `_`.

    `customerSessionIDs` -> `customer_session_ids`, `updateCustomerSessionV2` -> `update_customer_session_v2`,
    `X-Rate-Limit` -> `x_rate_limit`, `class` -> `class_`. A name without any letter or digit gives `_`.
    """
    name = _PLURAL_ACRONYM.sub(lambda found: found[1].title() + "s", name)
    name = _ACRONYM_THEN_WORD.sub(r"\1_\2", name)
    name = _LOWER_THEN_UPPER.sub(r"\1_\2", name)
    name = re.sub(r"_+", "_", _NOT_A_WORD.sub("_", name)).strip("_").lower() or "_"
    if name[0].isdigit():
        name = "_" + name
    return name + "_" if keyword.iskeyword(name) else name


def unique(names: Iterable[str], taken: Collection[str] = ()) -> list[str]:
    """Each of `names`, told from the others and from those in `taken`, in their order.

    `_` stands behind those in `taken`, `_2`, `_3` ... behind what is left equal.
    """
    seen: set[str] = set()
    result = []
    for name in names:
        plain = name + "_" if name in taken else name
        unique, count = plain, 1
        while unique in seen:
            count += 1
            unique = f"{plain}_{count}"
        seen.add(unique)
        result.append(unique)
    return result


def spelt_otherwise(declared: Collection[str], wanted: Collection[str]) -> dict[str, str]:
    """Which of `wanted` a name of `declared` must mean that is not among them: `ID` for `id`, ` a ` for `a`.

    Only where one of each side has the same name in snake_case.
    """
    open_names = [name for name in dict.fromkeys(wanted) if name not in declared]
    spare = [name for name in dict.fromkeys(declared) if name not in wanted and not _BRACES & {*name}]
    if not open_names or not spare:
        return {}
    asked, given = [*map(snake_case, open_names)], [*map(snake_case, spare)]
    return {
        name: open_names[asked.index(snake)]
        for name, snake in zip(spare, given, strict=True)
        if given.count(snake) == asked.count(snake) == 1 and snake != "_"
    }
