"""Which operations a run tests: by patterns, tags, and what is not to happen."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from dynaclient._support.messages import kind_of, setting_name
from dynaclient.errors import SettingsError, UnknownOperation

if TYPE_CHECKING:
    from dynaclient.client import Client


Patterns = str | Iterable[str] | None
"""One pattern (`get*`) or part of an operationId or of `METHOD /path`, or several. Case means nothing."""


def chosen(
    client: Client,
    only: Patterns = None,
    skip: Patterns = None,
    tags: Collection[str] = (),
    *,
    delete: bool = True,
) -> list[str]:
    """The keys of the operations that `only` fits, all without it, and that `skip` does not fit.

    `tags`: of those the ones that have one of these; `delete`: whether DELETE is among them.

    Raises UnknownOperation where there are none, SettingsError.
    """
    wanted, unwanted = _patterns("only", only), _patterns("skip", skip)
    for each in (*wanted, *unwanted):  # one that fits nothing is misspelt, and its operation would be called
        if not any(_fits(client, key, [each]) for key in client.operations):
            near = client.operations.near(each)
            hint = ("" if near else f"; {setting_name('operations')}") + client.operations.unread
            raise UnknownOperation(f"no operation fits {each!r}{hint}", near)
    keys = [key for key in client.operations if _fits(client, key, wanted or ["*"])]
    left = [key for key in keys if not _fits(client, key, unwanted)]
    left = [key for key in left if delete or client.operations.entry(key).method != "DELETE"]
    if tags:
        left = [key for key in left if set(tags) & set(client.operations[key].tags)]
    if not left:
        raise UnknownOperation(f"there is no operation to be tested{client.operations.unread}")
    return left


def _patterns(name: str, given: Patterns) -> list[str]:
    several: Any = () if given is None else given
    patterns = list(several) if isinstance(several, Iterable) and not isinstance(several, str) else [several]
    for each in patterns:
        if not isinstance(each, str):
            raise SettingsError(
                f"{name}: expected a pattern or a part of an operationId, got {kind_of(each)}"
            )
    return patterns


def _fits(client: Client, key: str, patterns: list[str]) -> bool:
    names = (key.lower(), client.operations.entry(key).location.lower())
    wanted = [each.lower() for each in patterns]
    return any(each in name or fnmatchcase(name, each) for each in wanted for name in names)
