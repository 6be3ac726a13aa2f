"""Python names for the names in a document."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Iterable

_PLURAL_ACRONYM = re.compile(r"([A-Z]{2,})s(?![a-z])")
_ACRONYM_THEN_WORD = re.compile(r"([A-Z]+)([A-Z][a-z])")
_LOWER_THEN_UPPER = re.compile(r"([a-z0-9])([A-Z])")
_BRACES = frozenset("{}")
_NOT_A_WORD = re.compile(r"[^0-9A-Za-z_]+")


def snake_case(name: str) -> str:
    """`name` as a Python identifier: humps split, acronyms whole, other characters to `_`.

    `customerSessionIDs` -> `customer_session_ids`, `updateCustomerSessionV2` -> `update_customer_session_v2`,
    `X-Rate-Limit` -> `x_rate_limit`, `class` -> `class_`, `Élève.liste` -> `élève_liste`. Letters of every
    alphabet stay, in the normal form that Python gives to identifiers. A name without any letter or digit
    gives `_`.
    """
    if not name.isascii():
        return _of_any_alphabet(name)
    name = _PLURAL_ACRONYM.sub(lambda found: found[1].title() + "s", name)
    name = _ACRONYM_THEN_WORD.sub(r"\1_\2", name)
    name = _LOWER_THEN_UPPER.sub(r"\1_\2", name)
    return _identifier(_NOT_A_WORD.sub("_", name).lower())


def normal(name: str) -> str:
    """`name` in NFKC, the form in which Python reads identifiers (PEP 3131)."""
    if name.isascii():
        return name
    from unicodedata import normalize

    return normalize("NFKC", name)


def _of_any_alphabet(name: str) -> str:
    """As for ASCII, by the case that Unicode gives to letters; many alphabets have none."""
    letters = _PLURAL_ACRONYM.sub(lambda found: found[1].title() + "s", normal(name))
    humps = "".join(
        "_" + letter if at and _begins(letters, at) else letter for at, letter in enumerate(letters)
    )
    lower = normal(humps.lower())  # the lower case of a letter may be several characters
    return _identifier("".join(letter if f"_{letter}".isidentifier() else "_" for letter in lower))


def _begins(letters: str, at: int) -> bool:
    """Whether a word begins at the letter: at a capital behind a small one, or at the last of several."""
    before, letter, after = letters[at - 1], letters[at], letters[at + 1 : at + 2]
    if not letter.isupper():
        return False
    return before.islower() or before.isdigit() or (before.isupper() and after.islower())


def _identifier(words: str) -> str:
    name = re.sub(r"_+", "_", words).strip("_") or "_"
    if not name.isidentifier():
        name = "_" + name
    return name + "_" if keyword.iskeyword(name) else name


def unique(names: Iterable[str], taken: Collection[str] = (), written: Iterable[str] = ()) -> list[str]:
    """Each of `names`, told from the others and from those in `taken`, in their order.

    `_` stands behind those in `taken`, `_2`, `_3` ... behind what is left equal. `written` holds what each
    was made from: a name that is written so is given to that one and to no other.
    """
    plain = [name + "_" if name in taken else name for name in names]
    if len({*plain}) == len(plain):
        return plain
    own = list(written) or [""] * len(plain)
    kept = {*own}
    seen: set[str] = set()
    counts: dict[str, int] = {}
    for at, name in enumerate(plain):
        found = name
        while found in seen or (found in kept and found != own[at]):
            counts[name] = counts.get(name, 1) + 1
            found = f"{name}_{counts[name]}"
        seen.add(found)
        plain[at] = found
    return plain


def spelt_otherwise(declared: Collection[str], wanted: Collection[str]) -> dict[str, str]:
    """Which of `wanted` a name of `declared` must mean that is not among them: `ID` for `id`, ` a ` for `a`.

    Only where one of each side has the same name in snake_case.
    """
    open_names = [name for name in dict.fromkeys(wanted) if name not in declared]
    spare = [name for name in dict.fromkeys(declared) if name not in wanted and not _BRACES & {*name}]
    if not open_names or not spare:
        return {}
    asked, given = _by_snake(open_names), _by_snake(spare)
    return {
        names[0]: asked[snake][0]
        for snake, names in given.items()
        if len(names) == len(asked.get(snake, ())) == 1 and snake != "_"
    }


def _by_snake(names: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(snake_case(name), []).append(name)
    return found
