"""`@contract.cases(...)`: one pytest test for all operations of a document."""

from __future__ import annotations

import functools
import inspect
import os
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeVar

from dynaclient.client import Client
from dynaclient.contract import session_options
from dynaclient.contract.case import Case, Seen, watched
from dynaclient.contract.generation import Unmakeable
from dynaclient.contract.reach import unreached
from dynaclient.contract.selection import Patterns, chosen
from dynaclient.errors import DocumentError, Finding

if TYPE_CHECKING:
    from dynaclient.contract.session_run import SessionRun

__all__ = ["cases"]

Test = TypeVar("Test", bound=Callable[..., Any])


def cases(
    document: str | PathLike[str] | Mapping[str, Any] | Client,
    *,
    only: Patterns = None,
    skip: Patterns = None,
    broken: bool | None = None,
    given: Mapping[str, Any] | None = None,
    any_data: bool = False,
    allow_unchecked: bool = False,
    **settings: Any,
) -> Callable[[Test], Test]:
    """Run a pytest test once per operation, with all its cases, and each probe as an item of its own.

        talon = Client("talon-one-integration", server="http://localhost:8080")

        @contract.cases(talon)
        def test_keeps_its_contract(case):
            contract.check(case, case.send(talon))

    `document`: a Client, or what `Client` opens, with its `settings`. The test takes `case`, and `operation`
    (its Operation) if it wants to. It is called with the cases that follow from the document, then with those
    that hypothesis draws, valid and invalid ones; with `broken=True` only with invalid ones, with
    `broken=False` only with valid ones. Probes send requests of their own, without the test; `broken` leaves
    them out. `only`, `skip`: which operations; `given`, `any_data`: what may be changed and removed, as in
    `run`. What a case needs is made before it.

    Settings of hypothesis (`@settings(...)`) go below, fixtures go beside. There is no deadline unless you
    set one; `EXAMPLES` are drawn where neither the test nor a profile asks for another number than
    hypothesis does. A test whose cases were all answered 429, or 401 and 403 for want of credentials, fails;
    so does one of which something could not be checked, unless `allow_unchecked` or pytest's
    `--dynaclient-allow-unchecked` says otherwise. One that was called with nothing is skipped.

    Raises what `Client` raises; UnknownOperation where `only` and `skip` leave none.
    """
    client = document if isinstance(document, Client) else Client(document, **settings)
    keys = chosen(client, only, skip)
    keys.sort(key=lambda key: client.operations.entry(key).method == "DELETE")  # what others use goes last

    def decorate(test: Test) -> Test:
        import pytest  # optional
        from hypothesis import given as drawn  # optional
        from hypothesis import strategies as st  # optional

        run = functools.cache(
            functools.partial(_run, client, keys, test, given=dict(given or {}), any_data=any_data)
        )
        strategy = functools.cache(functools.partial(_strategy, client, broken=broken))
        called = _called(client, test)

        def drawing(*args: Any, **kwargs: Any) -> None:
            __tracebackhide__ = True
            key, data = kwargs.pop("operation"), kwargs.pop("data")
            case = data.draw(strategy(key), label="case")
            with run().testing(key, broken, functools.partial(called, key, args, kwargs)):
                run().draw(case)

        def covering(*args: Any, **kwargs: Any) -> bool:
            """Whether there is something to draw."""
            __tracebackhide__ = True
            key = kwargs.pop("operation")
            with run().testing(key, broken, functools.partial(called, key, args, kwargs)):
                before = run().calls
                run().cover()
            return _is_drawn(run(), key, strategy, sent=run().calls > before)

        functools.update_wrapper(drawing, test)
        setattr(drawing, _SETTINGS, _suited(getattr(drawing, _SETTINGS, None)))
        drawing.__signature__ = _signature(test)  # type: ignore[attr-defined]
        items = _Items(client, run, covering, drawn(data=st.data())(drawing), allow_unchecked)
        probes = _probes() if broken is None else []
        made: Test = pytest.mark.parametrize("operation", [*keys, *probes])(_wrapped(items))
        return made

    return decorate


EXAMPLES = 10
"""How many cases hypothesis draws for an operation."""

STATEFUL = "stateful-"
"""What the identifier of an item begins with that is a probe."""


def _probes() -> list[str]:
    from dynaclient.contract.probes import PROBES  # late: 96 ms

    return [f"{STATEFUL}{name}" for name in PROBES]


def _run(
    client: Client, keys: list[str], test: Callable[..., Any], *, given: dict[str, Any], any_data: bool
) -> SessionRun:
    """The run of a test. Processes of pytest-xdist and other tests make other values at the same server."""
    from dynaclient.contract.session_run import SessionRun  # late: 475 ms

    mark = f"{test.__module__}.{test.__qualname__} {os.environ.get('PYTEST_XDIST_WORKER', '')}"
    return SessionRun(client, keys, seed=zlib.crc32(mark.encode()), given=given, any_data=any_data)


def _called(client: Client, test: Callable[..., Any]) -> Callable[..., None]:
    wanted = inspect.signature(test).parameters

    def called(key: str, args: tuple[Any, ...], kwargs: dict[str, Any], case: Case) -> None:
        __tracebackhide__ = True
        extra = {"operation": client.operations[key]} if "operation" in wanted else {}
        test(*args, case=case, **extra, **kwargs)

    return called


def _strategy(client: Client, key: str, *, broken: bool | None) -> Any:
    """The cases of an operation. Raises Unmakeable where there are none of the kind that is asked for."""
    from hypothesis import strategies as st  # optional

    from dynaclient.contract import strategies  # optional

    if broken:
        return strategies.broken(client, key)
    valid = strategies.valid(client, key)
    if broken is None:
        with suppress(Unmakeable):
            return st.one_of(valid, strategies.broken(client, key))
    return valid


def _is_drawn(run: SessionRun, key: str, strategy: Callable[[str], Any], *, sent: bool) -> bool:
    """Whether cases are to be drawn; the test is skipped where nothing was sent, and it is known why."""
    import pytest  # optional

    try:
        strategy(key)
    except Unmakeable as nothing:
        if not sent:
            pytest.skip(str(nothing))
        return False
    reasons = run.tallies[key].skipped
    if reasons and not sent:
        pytest.skip("; ".join(reasons))
    return True


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
    if own.max_examples == settings.get_profile("default").max_examples:
        suited["max_examples"] = EXAMPLES
    if own.phases == default.phases:
        suited["phases"] = [phase for phase in own.phases if phase is not Phase.explain]
    return settings(own, **suited)


@dataclass(frozen=True)
class _Items:
    """The items of a test: what is called for an operation, and for a probe."""

    client: Client
    run: Callable[[], SessionRun]
    covering: Callable[..., bool]
    drawing: Callable[..., Any]
    allow_unchecked: bool

    def probe(self, name: str) -> None:
        import pytest  # optional

        __tracebackhide__ = True
        run = self.run()
        before = run.requests
        with watched():
            failed = run.probe(name)
        if failed:
            pytest.fail("\n\n".join(map(str, failed)), pytrace=False)
        if run.requests == before:
            pytest.skip(f"{name} had no request to send of its own")

    def operation(self, key: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        import pytest  # optional

        __tracebackhide__ = True
        with watched(key) as seen:
            try:
                if self.covering(*args, **kwargs):
                    self.drawing(*args, **kwargs)
            except (Unmakeable, DocumentError) as error:
                place = self.client.operations[key].node.place
                said = f"no valid request was found: {error}"
                seen.unchecked[Finding(place, "error", said, "it is not tried")] = None
        problem = _unreached(key, seen) or self._unchecked(seen)
        if problem:
            pytest.fail(f"{key}: {problem}", pytrace=False)

    def _unchecked(self, seen: Seen) -> str:
        if not seen.unchecked or self.allow_unchecked or session_options.allow_unchecked:
            return ""
        places = "".join(f"\n  {each.pointer}: {each.message}" for each in seen.unchecked)
        return f"nothing failed, but not checked (--dynaclient-allow-unchecked lets it pass):{places}"


def _wrapped(items: _Items) -> Callable[..., Any]:
    """The function that pytest collects: it looks like the test."""
    test = items.drawing

    def reaching(*args: Any, **kwargs: Any) -> None:
        __tracebackhide__ = True
        key = kwargs["operation"]
        if key.startswith(STATEFUL) and key not in items.client.operations:
            items.probe(key.removeprefix(STATEFUL))
        else:
            items.operation(key, args, kwargs)

    functools.update_wrapper(reaching, test, updated=())
    reaching.__dict__ = test.__dict__  # one for both: where hypothesis and its decorators keep what they know
    reaching.__signature__ = inspect.signature(test)  # type: ignore[attr-defined]
    at, code = test.__code__, reaching.__code__  # pytest tells where a test stands
    reaching.__code__ = code.replace(co_filename=at.co_filename, co_firstlineno=at.co_firstlineno)
    return reaching


def _unreached(key: str, seen: Seen) -> str:
    statuses = seen.of_valid or {status for _, status in seen}
    return unreached(seen[-1][0], key, statuses) if seen else ""


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
