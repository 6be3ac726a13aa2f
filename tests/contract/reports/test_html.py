"""A report as HTML: all of it is there, what a server said is text, and no secret is in it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaclient import Client
from dynaclient._support.markup import Html, escapes_shown, tag
from dynaclient.contract import OperationReport, Report, run
from dynaclient.contract.flow import SentCase
from dynaclient.contract.reports import Results, reporter
from dynaclient.contract.reports.messages import laid_out
from dynaclient.contract.reports.status_map import status_map
from dynaclient.errors import Finding
from tests.browser import Browser, needs_chromium
from tests.servers import Recorded, reply
from tests.small import JSON, document, param, said

SECRET, PASSWORD = "s3cr3t-key", "pa55word<&>"
HOSTILE = (
    "</pre></details><script>alert(1)</script><img src=https://evil.example/x onerror=alert(1)>"
    "\"'><a href=\"javascript:alert(1)\" style='x'>&amp;&#60;<!--\x1b]0;x\x07\x00\u202e\ud800 ${title} $x"
)
THING = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "name": {"type": "string", "maxLength": 3}},
}
DOCUMENT = document(
    {
        "/things": {
            "post": {
                "operationId": "make",
                "security": [{"key": []}],
                "requestBody": {"required": True, "content": {"application/json": {"schema": THING}}},
                "responses": {"201": said(THING), "400": said({})},
            }
        },
        "/things/{id}": {
            "get": {
                "operationId": "read",
                "security": [{"basic": []}],
                "parameters": [param("id", "path", {"type": "integer"})],
                "responses": {"200": said(THING), "4XX": said({}), "418": said({}), "default": said({})},
            }
        },
        "/echo": {"get": {"operationId": "echo", "security": [], "responses": {"200": said(THING)}}},
    },
    components={
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "basic": {"type": "http", "scheme": "basic"},
        }
    },
)


def hostile(request: Recorded) -> bytes:
    """Says again what it got, also later, and attacks whoever looks at it."""
    heard = " ".join(value for name, value in request.fields if name.lower() in ("x-key", "authorization"))
    text = json.dumps({"id": HOSTILE, "name": f"{heard} {SECRET} {PASSWORD}", "more": "long" * 100_000})
    headers = [*JSON, ("X-Said", f"<b>{SECRET}</b> {PASSWORD}"), ("Location", f"/things/1?key={SECRET}")]
    if request.method == "POST":
        return reply(500 if b"id" not in request.body else 201, text.encode(), headers)
    return reply(404 if request.target.startswith("/things/0") else 200, text.encode(), headers)


@pytest.fixture(scope="module")
def kept() -> list[Results]:
    return []


@pytest.fixture
def results(kept: list[Results], serve: Any) -> Results:
    """The results of one run, for all tests."""
    if not kept:
        exchanges: list[SentCase] = []
        credentials = {"key": SECRET, "basic": ("ada", PASSWORD)}
        client = Client(DOCUMENT, server=serve(hostile).url, credentials=credentials)
        report = run(client, cases=4, observe=exchanges.append, phases=["coverage", "stateful"])
        kept.append(Results(report, f"{HOSTILE}.json", client.server or "", exchanges))
    return kept[0]


class Page(HTMLParser):
    """A page that is read strictly: each element ends where it should."""

    VOID = ("meta", "link", "input")

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self._open: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.feed(content.decode())
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs)
        self.elements.append((tag, dict(attrs), []))
        if tag not in self.VOID:
            self._open.append(self.elements[-1])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for _, _, text in self._open:
            text.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def all(self, tag: str, class_: str = "") -> Iterator[tuple[dict[str, str | None], str]]:
        for name, attributes, text in self.elements:
            if name == tag and class_ in [*(attributes.get("class") or "").split(), ""]:
                yield attributes, "".join(text)


def page_of(results: Results) -> Page:
    return Page(reporter("html")(results))


def test_nothing_that_a_server_said_is_markup(results: Results) -> None:
    page = page_of(results)
    assert results.report.failures
    names = Counter(name for name, _, _ in page.elements)
    assert names["script"] == names["style"] == 1
    assert not names.keys() & {"img", "iframe", "object", "embed", "form", "base"}
    for _, attributes, _ in page.elements:
        assert not [
            each for each in attributes if each.startswith("on") or each in ("style", "src", "srcset")
        ]
        assert (attributes.get("href") or "#").startswith(("#", "data:,"))
    assert any("<script>alert(1)</script>" in text for _, text in page.all("pre"))


def test_it_allows_its_own_script_and_style_alone(results: Results) -> None:
    page = page_of(results)
    policy = next(
        attributes["content"] or "" for attributes, _ in page.all("meta") if "http-equiv" in attributes
    )
    for name in ("script", "style"):
        [(_, inline)] = page.all(name)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
        assert not re.search(r"//\w|url\(|@import", inline)
    assert policy.startswith("default-src 'none'")


def test_links_lead_within_the_page(results: Results) -> None:
    page = page_of(results)
    ids = Counter(attributes["id"] for _, attributes, _ in page.elements if "id" in attributes)
    assert max(ids.values()) == 1
    links = {attributes["href"] for attributes, _ in page.all("a")}
    assert {each.removeprefix("#") for each in links if each} <= ids.keys()
    assert {f"#{name}" for name in ("failures", "map", "coverage", "operations")} <= links


def test_every_failure_is_there_with_commands_to_copy(results: Results) -> None:
    page, report = page_of(results), results.report
    cards = [text for name in ("failure", "suspicion") for _, text in page.all("details", name)]
    assert len(cards) == len(report.groups)
    for group, card in zip(report.groups, cards, strict=True):
        assert group.shown.check in card
        assert group.shown.schema_pointer in card
        assert all(each in card for each in group.operations)
    copied = [
        json.loads(exact) if (exact := attributes.get("data-exact")) else text
        for attributes, text in page.all("pre", "copy")
    ]
    wanted = [each for failure in report.failures for each in (failure.command, failure.curl)]
    assert wanted
    assert set(wanted) == set(copied)


def test_no_secret_is_in_it(results: Results) -> None:
    content = reporter("html")(results).decode()
    basic = base64.b64encode(f"ada:{PASSWORD}".encode()).decode()
    for secret in (SECRET, PASSWORD, basic, PASSWORD.replace("&", "&amp;"), "pa55word"):
        assert secret not in content


def test_what_cannot_be_seen_is_shown_as_an_escape(results: Results) -> None:
    content = reporter("html")(results).decode()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", content)
    assert "\\x1b" in content


def test_a_long_body_is_cut(results: Results) -> None:
    assert len(results.exchanges) > 5
    assert len(reporter("html")(results)) < 400_000
    assert "the beginning: it has 400," in reporter("html")(results).decode()


def test_the_map_counts_every_response_once(results: Results) -> None:
    cells = status_map(results)
    sent = Counter(
        (each.case.operation, str(each.status))
        for each in results.exchanges
        if each.status and not each.case.method
    )
    exact = {
        (key, status): cell.count
        for key, some in cells.items()
        for status, cell in some.items()
        if status.isdigit()
    }
    assert {pair: count for pair, count in exact.items() if count} == sent
    coverage = results.report.coverage
    assert coverage is not None
    assert {
        (key, status)
        for key, some in cells.items()
        for status, cell in some.items()
        if cell.count and (key, status) in coverage.all("statuses")
    } == {item for item, tried in coverage.items("statuses") if tried}
    read = cells["read"]
    assert list(read) == ["200", "404", "418", "4XX", "default"]
    assert read["4XX"].count == read["404"].count > 0
    assert (read["default"].count, read["418"].count) == (0, 0)
    assert [name for name, cell in cells["make"].items() if not cell.documented] == ["500"]
    shown = Counter(text for _, text in page_of(results).all("td") if text)
    assert shown[str(sent["echo", "200"])]


def test_coverage_is_as_it_was_counted(results: Results) -> None:
    text = " ".join(text for _, text in page_of(results).all("section"))
    assert results.report.coverage is not None
    for share in results.report.coverage.shares:
        assert re.search(rf"{share.kind}\s+{share.tried} of {share.of}\s", text)


def test_a_run_without_exchanges() -> None:
    rows = (
        OperationReport("good", valid=2, statuses={200: 2}, documented=True),
        OperationReport("odd", problem="nothing <fits>", unchecked=(Finding("/a", "info", "unread"),)),
        OperationReport("left", skipped=("no DELETE",)),
    )
    page = page_of(Results(Report(rows, "the server is gone", off={"answers": "slow"}), "pets.yaml"))
    text = " ".join(text for _, text in page.all("body"))
    for words in (
        "Nothing failed",
        "the server is gone",
        "nothing <fits>",
        "no DELETE",
        "off: answers",
        "slow",
    ):
        assert words in text
    assert "no failures" not in text


@given(st.text(st.characters(exclude_categories=())))
def test_text_is_never_markup(text: str) -> None:
    page = Page(f"<i>{tag('b', text, title=text)}</i>".encode())
    [(attributes, read)] = page.all("b")
    assert attributes["title"] == read == escapes_shown(text)
    assert tag("b", Html("<br>")) == "<b><br></b>"


@given(st.text(alphabet='{}[]",:\\ \na1') | st.text())
def test_a_body_is_laid_out_without_a_change(text: str) -> None:
    assert "".join(laid_out(text).split()) == "".join(text.split())


VALUES = st.recursive(
    st.none() | st.integers() | st.text(), lambda some: st.lists(some) | st.dictionaries(st.text(), some)
)


@given(VALUES)
def test_json_that_is_laid_out_is_the_same_value(value: Any) -> None:
    assert json.loads(laid_out(json.dumps(value))) == value


# -- in a browser --------------------------------------------------------------------------------------------


@needs_chromium
def test_a_browser_copies_the_commands_and_filters_the_failures(results: Results, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_bytes(reporter("html")(results))
    failures = results.report.failures
    with Browser() as browser:
        shown = browser.open(page.as_uri())
        shown.evaluate(
            "navigator.clipboard.writeText = async (text) => { (window.copied ??= []).push(text) }"
        )
        shown.evaluate("document.querySelectorAll('pre.copy').forEach((pre) => pre.previousSibling.click())")
        assert {*shown.evaluate("copied")} == {
            text for each in failures for text in (each.command, each.curl)
        }

        cards = "[...document.querySelectorAll('details.card')].filter((each) => !each.hidden)"
        assert shown.evaluate(f"{cards}.length") > 1
        shown.evaluate("filter.value = 'ECHO'; filter.dispatchEvent(new Event('input'))")
        assert shown.evaluate(f"{cards}.map((each) => each.textContent.includes('echo'))") != []
        assert shown.evaluate(f"{cards}.every((each) => each.textContent.includes('echo'))")
        assert shown.text("#found") == f"{shown.evaluate(f'{cards}.length')} found"
        shown.evaluate("filter.value = 'no such word'; filter.dispatchEvent(new Event('input'))")
        assert (shown.evaluate(f"{cards}.length"), shown.text("#found")) == (0, "0 found")
        assert shown.problems == []

        narrow = browser.open(page.as_uri(), width=390, dark=True)
        narrow.evaluate("all.click()")  # every failure is open
        assert narrow.evaluate("document.documentElement.scrollWidth") <= 390
        assert narrow.evaluate("document.querySelectorAll('script').length") == 1  # none that a server said
        assert narrow.problems == []
        assert narrow.requested == [page.as_uri()]
