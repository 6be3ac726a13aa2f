"""`@contract.cases(...)`: one pytest test for all operations of a document."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from os import PathLike
from typing import Any, TypeVar

from dynaclient.client import Client
from dynaclient.contract.case import Seen, watched
from dynaclient.contract.generation import Unmakeable
from dynaclient.contract.reach import unreached
from dynaclient.contract.selection import Patterns, chosen

__all__ = ["cases"]

Test = TypeVar("Test", bound=Callable[..., Any])


def cases(
    document: str | PathLike[str] | Mapping[str, Any] | Client,
    *,
    only: Patterns = None,
    skip: Patterns = None,
    broken: bool = False,
    allow_unchecked: bool = False,
    **settings: Any,
) -> Callable[[Test], Test]:
    """Run a pytest test once per operation, with cases that hypothesis makes.

        talon = Client("talon-one-integration", server="http://localhost:8080")

        @contract.cases(talon)
        def test_keeps_its_contract(case):
            contract.check(case, case.send(talon))

    `document`: a Client, or what `Client` opens, with its `settings`. The test takes `case`, and `operation`
    (its Operation) if it wants to. `only`, `skip`: which operations, as in `run`. `broken`: cases with one
    thing broken, in place of valid ones. Settings of hypothesis (`@settings(...)`) go below, fixtures go
    beside. There is no deadline unless you set one. A test whose cases were all answered 429, or 401 and
    403 for want of credentials, fails; so does one of which something could not be checked, unless
    `allow_unchecked` or pytest's `--dynaclient-allow-unchecked` says otherwise.

    Raises what `Client` raises; UnknownOperation where `only` and `skip` leave none.
    """
    client = document if isinstance(document, Client) else Client(document, **settings)
    keys = chosen(client, only, skip)

    def decorate(test: Test) -> Test:
        import pytest  # optional
        from hypothesis import given  # optional
        from hypothesis import strategies as st  # optional

        strategy = functools.cache(functools.partial(_strategy, client, broken=broken))
        wanted = inspect.signature(test).parameters

        @functools.wraps(test)
        def drawing(*args: Any, **kwargs: Any) -> None:
            __tracebackhide__ = True
            key, data = kwargs.pop("operation"), kwargs.pop("data")
            case = data.draw(strategy(key), label="case")
            extra = {"operation": client.operations[key]} if "operation" in wanted else {}
            test(*args, case=case, **extra, **kwargs)

        setattr(drawing, _SETTINGS, _suited(getattr(drawing, _SETTINGS, None)))
        drawing.__signature__ = _signature(test)  # type: ignore[attr-defined]
        reaching = _reaching(given(data=st.data())(drawing), allow_unchecked)
        made: Test = pytest.mark.parametrize("operation", keys)(reaching)
        return made

    return decorate


def _strategy(client: Client, key: str, *, broken: bool) -> Any:
    """The cases of an operation; a test is skipped where nothing of it can be broken."""
    import pytest  # optional

    from dynaclient.contract import strategies  # optional

    valid = strategies.valid(client, key)
    if not broken:
        return valid
    try:
        return strategies.broken(client, key)
    except Unmakeable as nothing:
        pytest.skip(str(nothing))


def _suited(own: Any) -> Any:
    """The settings of a test, those that its writer left alone as they suit a server.

    It takes the time that it takes, and no line of the client explains why it fails.
    """
    from hypothesis import Phase, settings  # optional

    default: Any = settings.default
    own = own or default
    suited: dict[str, Any] = {}
    if own.deadline == default.deadline:
        suited["deadline"] = None
    if own.phases == default.phases:
        suited["phases"] = [phase for phase in own.phases if phase is not Phase.explain]
    return settings(own, **suited)


def _reaching(test: Callable[..., Any], allow_unchecked: bool) -> Callable[..., Any]:
    """`test`, which fails too where no case got past the question who asks, or something was not checked."""

    def reaching(*args: Any, **kwargs: Any) -> None:
        from dynaclient.contract import plugin  # optional

        __tracebackhide__ = True
        with watched() as seen:
            test(*args, **kwargs)
        problem = _unreached(kwargs["operation"], seen)
        if seen.unchecked and not (problem or allow_unchecked or plugin.allow_unchecked):
            places = "".join(f"\n  {each.pointer}: {each.message}" for each in seen.unchecked)
            problem = f"nothing failed, but not checked (--dynaclient-allow-unchecked lets it pass):{places}"
        if problem:
            import pytest  # optional

            pytest.fail(f"{kwargs['operation']}: {problem}", pytrace=False)

    functools.update_wrapper(reaching, test, updated=())
    reaching.__dict__ = test.__dict__  # one for both: where hypothesis and its decorators keep what they know
    reaching.__signature__ = inspect.signature(test)  # type: ignore[attr-defined]
    at, code = test.__code__, reaching.__code__  # pytest tells where a test stands
    reaching.__code__ = code.replace(co_filename=at.co_filename, co_firstlineno=at.co_firstlineno)
    return reaching


def _unreached(key: str, seen: Seen) -> str:
    return unreached(seen[-1][0], key, {status for _, status in seen}) if seen else ""


def _signature(test: Callable[..., Any]) -> inspect.Signature:
    """What pytest and hypothesis see: the test's fixtures, the operation's key, and a source of data."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    own = [each for each in inspect.signature(test).parameters.values() if each.name not in _OURS]
    fixtures = [each if each.name == "self" else each.replace(kind=keyword) for each in own]
    added = [inspect.Parameter(name, keyword) for name in ("operation", "data")]
    return inspect.Signature([*fixtures, *added])


_SETTINGS = "_hypothesis_internal_use_settings"
"""Where hypothesis keeps the settings of a test; its decorator refuses to be applied a second time."""

_OURS = ("case", "operation")
"""What a test may take that is no fixture."""
