"""A run as one HTML file for people, which needs neither a network nor a script to be read.

Failures come first, then the coverage map (operation x status), how much of the contract was tried, and each
operation with an exchange for each status that it had. What servers and documents say is text, whatever it
looks like; secrets are redacted. `page.html`, `page.css` and `page.js` beside this module are its frame.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from string import Template

from dynaclient._support.markup import Html, escapes_shown, joined_html, tag, text
from dynaclient._support.messages import pluralize
from dynaclient._version import __version__
from dynaclient.contract.flow import SentCase, Step
from dynaclient.contract.report import Failure, FailureGroup, OperationReport
from dynaclient.contract.reports import Results
from dynaclient.contract.reports.messages import MOST, Redactor, ShownMessage, laid_out, status_phrase
from dynaclient.contract.reports.status_map import Cell, case_kind, order, status_map
from dynaclient.errors import located
from dynaclient.wire.redaction import redacted_url

MOST_LISTED = 200
"""How many items of a kind that were not tried are listed."""


@dataclass(frozen=True)
class _View:
    """What the parts of the page have in common."""

    results: Results
    cells: Mapping[str, Mapping[str, Cell]]
    numbers: Mapping[str, int]
    sent: Mapping[int, SentCase]
    redactor: Redactor

    def said(self, what: str) -> Html:
        """A text that a server may have a part in."""
        return text(self.redactor.text(what))

    def path(self, key: str) -> str:
        """Method and path of an operation, where its key does not say them."""
        path = self.results.operations.get(key, "")
        return path if path != key else ""

    def anchor(self, key: str, status: str = "") -> str:
        """The id of an operation, or of a status that it had."""
        return f"op-{self.numbers[key]}{f'-{status}' if status else ''}"


def write_html(results: Results) -> bytes:
    """The results of a run as HTML, in UTF-8."""
    report = results.report
    known = [*results.exchanges, *(each.exchange for each in report.failures)]
    view = _View(
        results,
        status_map(results),
        {each.operation: number for number, each in enumerate(report.operations, 1)},
        {id(each.step): each for each in known},
        Redactor(known),
    )
    return _page(view).encode()


def _page(view: _View) -> str:
    style, script = _frame("page.css"), _frame("page.js")
    return Template(_frame("page.html")).substitute(
        title=text(f"{view.results.document}: {_verdict(view)[1]}"),
        policy=text(
            f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(style)}; img-src data:; "
            f"base-uri 'none'; form-action 'none'"
        ),
        style=style,
        script=script,
        header=_header(view),
        links=_links(view),
        content=joined_html(
            [_failures(view), _map(view), _coverage(view), _operations(view), _notes(view)], "\n"
        ),
        footer=text(f"dynaclient {__version__}"),
    )


def _frame(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _digest(inline: str) -> str:
    """What allows this script or style, and no other."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()}'"


# -- the head -----------------------------------------------------------------------------------------------


def _verdict(view: _View) -> tuple[str, str]:
    """Whether it is bad, and what became of the run in words."""
    report = view.results.report
    suspicions = sum(each.shown.suspicion for each in report.groups)
    certain = len(report.groups) - suspicions
    found = [pluralize(certain, "failure")] if certain else []
    found += [pluralize(suspicions, "suspicion")] if suspicions else []
    if found:
        return "bad" if certain else "warn", " and ".join(found)
    if report.failed:
        return "bad", "the run means little"
    return ("good", "no failures") if report.ok else ("warn", "no failures, but not all was checked")


def _header(view: _View) -> Html:
    state, words = _verdict(view)
    report = view.results.report
    return joined_html(
        [
            tag("p", "Contract report", class_="brand"),
            tag("h1", view.results.document),
            tag("p", words[:1].upper() + words[1:], class_=f"verdict {state}"),
            tag("div", *_figures(view), class_="figures"),
            tag("dl", *(tag("div", tag("dt", name), tag("dd", what)) for name, what in _facts(view))),
            *(tag("p", view.said(each), class_="notice") for each in (report.problem, report.cut) if each),
        ]
    )


def _figures(view: _View) -> Iterator[Html]:
    """The numbers that are read first."""
    report = view.results.report
    done = sum(each.documented for each in report.operations)
    yield _figure(f"{report.succeeded:.0f}%", f"{done} of {_of(report.operations)} succeeded as documented")
    failing = sum(bool(each.failures) for each in report.operations)
    yield _figure(f"{failing}", "operation fails" if failing == 1 else "operations fail")
    yield _figure(f"{report.requests:,}", f"requests in {report.seconds:.0f} s")


def _of(operations: tuple[OperationReport, ...]) -> str:
    return pluralize(len(operations), "operation")


def _figure(number: str, words: str) -> Html:
    return tag("p", tag("strong", number), " ", tag("span", words))


def _facts(view: _View) -> Iterator[tuple[str, str]]:
    results = view.results
    if results.server:
        yield "server", redacted_url(results.server, ())
    if results.exchanges:
        began = datetime.fromtimestamp(results.exchanges[0].began, timezone.utc)
        yield "began", began.strftime("%Y-%m-%d %H:%M UTC")
    yield "seed", str(results.report.seed)


def _links(view: _View) -> Html:
    report = view.results.report
    named = [
        ("failures", "Failures", len(report.groups)),
        ("map", "Coverage map", None),
        ("coverage", "Coverage", None),
        ("operations", "Operations", len(report.operations)),
        ("notes", "Notes", len(list(_noted(view)))),
    ]
    return joined_html(
        tag("a", words, *([tag("b", count)] if count is not None else []), href=f"#{name}")
        for name, words, count in named
        if count != 0 or name == "failures"
    )


# -- failures -----------------------------------------------------------------------------------------------


def _failures(view: _View) -> Html:
    groups = view.results.report.groups
    cards = [_group(view, number, each) for number, each in enumerate(groups, 1)]
    nothing = [] if cards else [tag("p", "Nothing failed.", class_="quiet")]
    return _section("failures", "Failures", _variables(view), *cards, *nothing)


def _section(name: str, title: str, *content: object) -> Html:
    return tag("section", tag("h2", title), *content, id=name)


_VARIABLE = re.compile(r"\$\{?(DYNACLIENT_CREDENTIAL_\w+)")


def _variables(view: _View) -> Html | None:
    """What the commands read from the environment."""
    found = dict.fromkeys(
        name
        for each in view.results.report.failures
        for name in _VARIABLE.findall(f"{each.command}\n{each.curl}")
    )
    if not found:
        return None
    names = joined_html((tag("code", each) for each in found), ", ")
    return tag("p", "Commands take credentials from the environment: ", names, ".", class_="quiet")


def _group(view: _View, number: int, group: FailureGroup) -> Html:
    shown = group.shown
    others = [each for each in group.failures if each is not shown]
    where = joined_html((_to(view, each) for each in group.operations), ", ")
    kind = "suspicion" if shown.suspicion else "failure"
    summary = tag(
        "summary",
        tag("span", shown.check, class_="check"),
        tag("span", "suspicion", class_="mark") if shown.suspicion else None,
        tag(
            "span",
            joined_html(group.operations[:4], ", "),
            "" if len(group.operations) < 5 else " ...",
            class_="at",
        ),
        tag("strong", view.said(_what(shown))),
    )
    body = tag(
        "div",
        tag("p", "At ", where, class_="quiet"),
        *_shown(view, shown),
        _others(view, others),
        class_="body",
    )
    return tag("details", summary, body, class_=f"card {kind}", id=f"failure-{number}", open=number == 1)


def _what(failure: Failure) -> str:
    return f"{located(failure.where, failure.name, failure.pointer)}{failure.message}"


def _to(view: _View, key: str) -> Html:
    name = tag("a", key, href=f"#{view.anchor(key)}") if key in view.numbers else text(key)
    return joined_html([name, view.path(key)], " ")


def _shown(view: _View, failure: Failure) -> Iterator[Html]:
    """What the document says, what the server did, the exchanges and the commands."""
    if failure.schema_pointer:
        yield tag("h3", "The document says")
        yield tag("p", tag("code", failure.schema_pointer), class_="pointer")
        yield tag("pre", laid_out(failure.said)) if failure.said else Html()
    yield tag("h3", "The server did")
    yield from _sequence(view, failure.exchange)
    yield tag("h3", "See it again")
    yield from _commands(failure)


def _sequence(view: _View, exchange: SentCase) -> Iterator[Html]:
    """The exchanges of a sequence, the last of them open."""
    before: list[Step] = list(exchange.steps[:-1])
    for number, step in enumerate(before, 1):
        sent = view.sent.get(id(step))
        if sent is not None:
            title = f"Step {number}: {step.case.operation}, {sent.status or 'no response'}"
            yield tag("details", tag("summary", title), _exchange(view, sent), class_="step")
    if before:
        yield tag("p", f"Step {len(before) + 1}: {exchange.case.operation}", class_="last")
    yield _exchange(view, exchange)


def _exchange(view: _View, sent: SentCase) -> Html:
    case = sent.case
    altered = [f"{name} {what}" for name in ("credentials", "method") if (what := getattr(case, name))]
    reason = ", ".join([*altered, *filter(None, [str(case.fault or case.reason)])])
    why = f": {reason}" if reason else ""
    said = f"{case_kind(sent)} request{why}; phase {sent.phase}, {sent.seconds:.3f} s"
    request, response = view.redactor.request(sent), view.redactor.response(sent)
    return joined_html(
        [
            tag("p", view.said(said), class_="quiet"),
            tag(
                "div",
                _message("request", request, "no request was made"),
                _message("response", response, view.said(f"no complete response: {sent.error}")),
                class_="exchange",
            ),
        ]
    )


def _message(kind: str, message: ShownMessage | None, otherwise: object) -> Html:
    if message is None:
        return tag("div", tag("h4", kind), tag("p", otherwise, class_="quiet"))
    headers = joined_html(
        (joined_html([tag("b", f"{name}:"), value], " ") for name, value in message.headers), "\n"
    )
    return tag(
        "div",
        tag("h4", kind),
        tag("pre", tag("strong", message.line), "\n", headers),
        tag("pre", laid_out(message.body)) if message.body else tag("p", "no body", class_="quiet"),
        tag("p", f"the beginning: it has {message.size:,} bytes", class_="quiet")
        if message.size > MOST
        else None,
    )


def _commands(failure: Failure) -> Iterator[Html]:
    several = {"dynaclient": failure.command, "curl": failure.curl}
    if failure.curl == failure.command:
        del several["dynaclient"]
    for name, command in several.items():
        if command:
            yield tag("div", tag("h4", name), _command(command), class_="command")


def _command(command: str) -> Html:
    """A command to copy; what is not visible in it is kept apart, exactly."""
    exact = json.dumps(command) if escapes_shown(command) != command else None
    return tag("pre", command, class_="copy", data_exact=exact, tabindex="0")


def _others(view: _View, others: list[Failure]) -> Html | None:
    if not others:
        return None
    items = [
        tag(
            "details",
            tag("summary", tag("span", each.operation, class_="at"), tag("strong", view.said(_what(each)))),
            tag("p", view.said(each.response)),
            *_commands(each),
            class_="step",
        )
        for each in others
    ]
    return joined_html([tag("h3", "The same elsewhere"), *items])


# -- the map ------------------------------------------------------------------------------------------------


def _map(view: _View) -> Html:
    statuses = sorted({each for some in view.cells.values() for each in some}, key=order)
    if not statuses:
        return _section("map", "Coverage map", tag("p", "No status is documented or came.", class_="quiet"))
    head = tag(
        "tr", tag("th", "operation", scope="col"), *(tag("th", each, scope="col") for each in statuses)
    )
    rows = [_row(view, each, statuses) for each in view.results.report.operations]
    table = tag("table", tag("thead", head), tag("tbody", *rows))
    region = tag("div", table, class_="scroll", role="region", aria_label="Coverage map", tabindex="0")
    return _section("map", "Coverage map", _legend(), region)


def _legend() -> Html:
    named = [
        ("seen", "12", "documented, came in response to 12 requests"),
        ("unseen", "–", "documented, never came"),
        ("odd", "3", "not documented, came"),
    ]
    return tag(
        "p",
        *(tag("span", tag("i", sign, class_=name), words) for name, sign, words in named),
        class_="legend",
    )


def _row(view: _View, report: OperationReport, statuses: list[str]) -> Html:
    key = report.operation
    cells = view.cells.get(key, {})
    name = tag("th", tag("a", key, href=f"#{view.anchor(key)}"), scope="row")
    return tag("tr", name, *(_cell(view, key, each, cells.get(each)) for each in statuses), class_="item")


def _cell(view: _View, key: str, status: str, cell: Cell | None) -> Html:
    if cell is None:
        return tag("td")
    words = _cell_words(status, cell)
    if not cell.count:
        return tag("td", tag("span", "–", title=words, class_="unseen"), tag("span", words, class_="vh"))
    kind = "seen" if cell.documented else "odd"
    return tag(
        "td",
        tag(
            "a",
            cell.count,
            title=words,
            aria_label=f"{key}: {words}",
            class_=kind,
            href=f"#{view.anchor(key, status)}",
        ),
    )


def _cell_words(status: str, cell: Cell) -> str:
    documented = "documented" if cell.documented else "not documented"
    return f"{status} {documented}: {_seen(cell) or 'never came'}"


def _seen(cell: Cell) -> str:
    return ", ".join(
        pluralize(count, kind) if kind == "probe" else f"{count} {kind}" for kind, count in cell.seen.items()
    )


# -- coverage -----------------------------------------------------------------------------------------------


def _coverage(view: _View) -> Html | None:
    coverage = view.results.report.coverage
    if coverage is None or not coverage.shares:
        return None
    rows = [
        _share(share.kind, share.tried, share.of, coverage.untried(share.kind)) for share in coverage.shares
    ]
    return _section("coverage", "Coverage of the contract", *rows)


def _share(kind: str, tried: int, of: int, untried: tuple[tuple[str, ...], ...]) -> Html:
    percent = 100 * tried // of
    rect = tag("rect", width=percent, height=1)
    bar = tag("svg", rect, viewBox="0 0 100 1", preserveAspectRatio="none", aria_hidden="true")
    head = (tag("span", kind), bar, tag("span", f"{tried:,} of {of:,}"), tag("b", f"{percent}%"))
    if not untried:
        return tag("div", joined_html(head, " "), class_="share")
    items = [
        tag("li", joined_html((tag("code", part) for part in item), " ")) for item in untried[:MOST_LISTED]
    ]
    left = len(untried) - MOST_LISTED
    more = tag("p", f"and {left:,} more", class_="quiet") if left > 0 else None
    return tag(
        "details",
        tag("summary", joined_html(head, " "), class_="share"),
        tag("p", "Not tried:", class_="quiet"),
        tag("ul", *items),
        more,
    )


# -- operations ---------------------------------------------------------------------------------------------


def _operations(view: _View) -> Html:
    rows = [_operation(view, each) for each in view.results.report.operations]
    return _section("operations", "Operations", *rows)


def _state(report: OperationReport) -> str:
    if report.failed:
        return "bad"
    if not report.requests:
        return "idle"
    return "good" if report.succeeded and not report.unchecked else "warn"


def _operation(view: _View, report: OperationReport) -> Html:
    key = report.operation
    cells = {status: each for status, each in view.cells.get(key, {}).items() if each.count}
    statuses = joined_html(
        (tag("span", f"{status}", class_=f"status s{status[:1]}") for status in cells), " "
    )
    summary = tag(
        "summary",
        tag("span", key, class_="name"),
        tag("span", view.path(key), class_="at") if view.path(key) else None,
        tag("span", view.said(report.verdict), class_=f"state {_state(report)}"),
        tag("span", statuses, class_="statuses"),
        tag("span", pluralize(report.requests, "request"), class_="quiet"),
    )
    failures = [
        tag("a", each.shown.check, href=f"#failure-{number}")
        for number, each in enumerate(view.results.report.groups, 1)
        if key in each.operations
    ]
    body = tag(
        "div",
        tag("p", "Failures: ", joined_html(failures, ", ")) if failures else None,
        tag("p", _counts(report), class_="quiet"),
        *(tag("p", view.said(each), class_="notice") for each in _remarks(report)),
        *(_status(view, key, status, cell) for status, cell in cells.items()),
        class_="body",
    )
    return tag("details", summary, body, class_="card item", id=view.anchor(key))


def _counts(report: OperationReport) -> str:
    counted = [
        (report.valid, "valid"),
        (report.broken, "invalid"),
        (report.probes, "probes"),
        (report.inconclusive, "inconclusive"),
        (report.unsent, "with no form on the wire, not sent"),
    ]
    said = ", ".join(f"{count} {words}" for count, words in counted if count)
    return f"{said or 'nothing sent'}; {report.seconds:.1f} s"


def _remarks(report: OperationReport) -> Iterator[str]:
    yield from filter(None, (report.problem, report.unreached))
    yield from (f"not sent: {each}" for each in report.skipped)
    yield from (f"not checked: {each.pointer}: {each.message}" for each in report.unchecked)


def _status(view: _View, key: str, status: str, cell: Cell) -> Html:
    named = f"{status} {status_phrase(int(status))}" if status.isdigit() else status
    documented = None if cell.documented else tag("span", "not documented", class_="mark")
    summary = tag(
        "summary", tag("strong", named), " ", tag("span", _seen(cell), class_="quiet"), " ", documented
    )
    content = _exchange(view, cell.shown) if cell.shown is not None else None
    return tag("details", summary, content, class_="step", id=view.anchor(key, status))


# -- notes --------------------------------------------------------------------------------------------------


def _notes(view: _View) -> Html | None:
    noted = list(_noted(view))
    items = [tag("div", tag("dt", name), tag("dd", view.said(what))) for name, what in noted]
    return _section("notes", "Notes", tag("dl", *items)) if items else None


def _noted(view: _View) -> Iterable[tuple[str, str]]:
    report = view.results.report
    yield from ((f"off: {check}", reason) for check, reason in report.off.items())
    yield from ((f"not checked: {each.pointer}", each.message) for each in report.unchecked)
    if report.apart:
        yield "passed as it is", ", ".join(report.apart)
