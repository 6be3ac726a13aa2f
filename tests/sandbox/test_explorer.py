"""What the sandbox shows of itself, over HTTP; and its explorer in a real browser, where there is one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from dynaclient import Client
from dynaclient.sandbox import Sandbox, explorer
from tests.browser import Browser, Page, needs_chromium
from tests.sandbox.conftest import Ask, Serve
from tests.servers import RawServer
from tests.small import document, one, param, said

HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
DOCUMENTS = Path(__file__).parents[1] / "documents"
VERSIONS = ("2.0", "3.0", "3.1", "3.2")
FINE = {"204": {"description": ""}}

with_ui = pytest.mark.skipif(explorer._swagger_ui() is None, reason="the extra ui is not installed")


def page(ask: Ask, sandbox: Sandbox, path: str = "/") -> requests.Response:
    """What a browser gets."""
    return ask(sandbox, "GET", path, headers=HTML)


# -- where it is -------------------------------------------------------------------------------------------


def test_a_browser_gets_a_page_and_all_others_a_list(serve: Serve, ask: Ask) -> None:
    sandbox = serve(one())
    assert sandbox.explorer_url == f"{sandbox.url}/"
    assert page(ask, sandbox).headers["Content-Type"] == "text/html; charset=utf-8"
    assert ask(sandbox, "GET", "/").headers["Content-Type"] == "text/plain; charset=utf-8"
    assert page(ask, sandbox, explorer.HOME).text == page(ask, sandbox).text


def test_a_root_of_the_document_is_served_and_the_explorer_is_elsewhere(serve: Serve, ask: Ask) -> None:
    sandbox = serve(document({"/": {"get": {"operationId": "root", "responses": FINE}}}))
    assert page(ask, sandbox).status_code == 204
    assert sandbox.explorer_url == f"{sandbox.url}/_explorer"
    assert page(ask, sandbox, "/_explorer").status_code == 200


def test_templates_of_the_document_do_not_take_the_explorer_s_place(serve: Serve, ask: Ask) -> None:
    names = [param("bucket", "path"), param("key", "path")]
    paths = {
        "/{bucket}": {"get": {"operationId": "bucket", "parameters": names[:1], "responses": FINE}},
        "/{bucket}/{key}": {"get": {"operationId": "key", "parameters": names, "responses": FINE}},
    }
    sandbox = serve(document(paths))
    assert page(ask, sandbox, "/photos/cat.png").status_code == 204
    for name in ("", "/", "/explorer.css", "/openapi.json"):
        assert page(ask, sandbox, f"/_explorer{name}").status_code == 200


def test_a_path_that_the_document_writes_out_is_the_document_s(serve: Serve, ask: Ask) -> None:
    sandbox = serve(document({"/_explorer/explorer.js": {"get": {"responses": FINE}}}))
    assert page(ask, sandbox, "/_explorer/explorer.js").status_code == 204


@pytest.mark.parametrize(
    "path",
    ["/../__init__.py", "/%2e%2e/__init__.py", "/server.py", "/explorer.py", "//etc/passwd", "/dist/x"],
)
def test_no_other_file_is_given(serve: Serve, path: str) -> None:
    sandbox = serve(one())
    request = requests.Request("GET", sandbox.url).prepare()
    request.url = (
        f"{sandbox.url}/_explorer{path}"  # as it stands: a URL would be brought into its normal form
    )
    with requests.Session() as session:
        assert session.send(request, timeout=20).status_code == 404


def test_only_get_and_head_are_answered(serve: Serve, ask: Ask) -> None:
    sandbox = serve(one())
    for method, status in (("HEAD", 200), ("POST", 404), ("DELETE", 404)):
        assert ask(sandbox, method, "/_explorer", headers=HTML).status_code == status


# -- what the document is ----------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_the_document_is_served_in_one_piece_with_the_sandbox_as_its_only_server(
    serve: Serve, ask: Ask, version: str
) -> None:
    sandbox = serve(DOCUMENTS / f"harbour-{version}.yaml")
    tree = ask(sandbox, "GET", "/openapi.json").json()
    assert tree["openapi"].startswith("3.0" if version == "2.0" else version)
    assert tree["servers"] == [{"url": sandbox.url}]
    assert json.dumps(tree).count('"servers"') == 1 + json.dumps(tree.get("x-parts", {})).count('"servers"')
    assert list(Client(tree, cache=False).operations) == list(sandbox.client.operations)


def test_references_to_other_files_can_be_followed_by_a_browser(
    tmp_path: Path, serve: Serve, ask: Ask
) -> None:
    (tmp_path / "pet.json").write_text('{"type": "object", "properties": {"name": {"type": "string"}}}')
    (tmp_path / "root.json").write_text(json.dumps(one(answer={"$ref": "pet.json"})))
    text = ask(serve(tmp_path / "root.json"), "GET", "/openapi.json").text
    assert re.findall(r'"\$ref": "(.*?)"', text) == ["#/x-parts/pet"]


# -- what is shown -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/_explorer/explorer.js", "/_explorer/explorer.css", "/openapi.json"])
def test_a_browser_is_told_to_load_nothing_from_elsewhere(serve: Serve, ask: Ask, path: str) -> None:
    response = page(ask, serve(one()), path)
    policy = dict(each.split(maxsplit=1) for each in response.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert not re.search(r"https?:|\*|unsafe-eval", " ".join(policy.values()))
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert set(re.findall(r"""(?:src|href)=["'](?!/_explorer/)([^"']*)""", response.text)) <= {"data:,"}


EVIL = '</title><script src="{0}"></script><img src="{0}" onerror="fetch(\'{0}\')"><b>\x1b[2J\u202e'


def hostile(url: str) -> dict[str, Any]:
    """A document that tries to run scripts and to load what is at `url`."""
    evil = EVIL.format(url)
    tree = one(
        "get",
        "/x",
        param(evil, description=evil),
        answer={"type": "object", "description": evil, "example": {evil: evil}},
        operation={"summary": evil, "description": evil, "tags": [evil], "externalDocs": {"url": url}},
        tags=[{"name": evil, "description": evil}],
    )
    return {**tree, "info": {"title": evil, "version": evil, "description": evil, "termsOfService": url}}


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the extra was not installed."""
    monkeypatch.setattr(explorer, "_PACKAGE", "no_such_package")


@pytest.mark.usefixtures("plain")
def test_without_the_extra_a_plain_page_lists_the_operations(serve: Serve, ask: Ask) -> None:
    tree = document({"/a/{id}": {"get": {"operationId": "read", "summary": "Read one"}, "put": {}}})
    shown = page(ask, serve(tree)).text
    assert "<script" not in shown
    assert "pip install &#x27;dynaclient[ui]&#x27;" in shown
    assert re.findall(r'class="method (\w+)"', shown) == ["get", "put"]
    assert "<td><code>read</code> Read one</td>" in shown


@pytest.mark.usefixtures("plain")
def test_a_hostile_document_is_text_of_the_plain_page(serve: Serve, ask: Ask) -> None:
    shown = page(ask, serve(hostile("http://evil.example/"))).text
    assert not re.search("<script|<img|<b>", shown)
    assert "\x1b" not in shown
    assert "\u202e" not in shown


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("text/html", "sandbox"),
        ("image/svg+xml", "sandbox"),
        ("application/json", None),
        ("text/plain", None),
    ],
)
def test_a_page_that_a_document_describes_runs_no_scripts_where_the_explorer_is(
    serve: Serve, ask: Ask, kind: str, expected: str | None
) -> None:
    response = ask(serve(one(answers={"200": said({"type": "string"}, kind)})), "GET", "/x")
    assert (response.status_code, response.headers.get("Content-Security-Policy")) == (200, expected)


# -- in a browser ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as made:
        yield made


OPERATIONS = "[...document.querySelectorAll('.opblock')]"
EXECUTE, SHOWN = ".opblock.is-open .execute", ".live-responses-table tbody pre"
UNFOLDED = f"document.querySelector('{EXECUTE}') && document.querySelector('.is-open .model-example')"
"""That all of an operation is there: Swagger UI loses a click that comes before."""


def opened(browser: Browser, sandbox: Sandbox) -> Page:
    """The explorer, when it has listed all operations of the document."""
    shown = browser.open(sandbox.explorer_url)
    shown.wait(f"{OPERATIONS}.length == {len(sandbox.client.operations)}")
    return shown


def unfold(shown: Page, operation: str) -> None:
    """Click at an operation, and wait until all of it is shown."""
    named = f"{OPERATIONS}.find(each => each.innerText.includes({json.dumps(operation)}))"
    shown.evaluate(f"{named}.querySelector('.opblock-summary-control').click()")
    shown.wait(UNFOLDED)


def of_here(shown: Page, sandbox: Sandbox) -> bool:
    """Whether nothing was asked of another server."""
    return all(url.startswith((f"{sandbox.url}/", "data:image/svg+xml")) for url in shown.requested)


@pytest.mark.sampled(2)
@needs_chromium
@with_ui
@pytest.mark.parametrize("version", ["2.0", "3.1"])
def test_the_explorer_lists_the_operations_and_shows_what_the_sandbox_responds(
    browser: Browser, serve: Serve, version: str
) -> None:
    sandbox = serve(DOCUMENTS / f"harbour-{version}.yaml")
    shown = opened(browser, sandbox)
    for key in sandbox.client.operations:
        assert sandbox.client.operations[key].path in shown.text()
    unfold(shown, "listShips")
    shown.evaluate(f"document.querySelector('{EXECUTE}').click()")
    shown.wait(f"document.querySelector('{SHOWN}')")
    (exchange,) = [each for each in sandbox.received if each.operation]
    assert (exchange.operation, exchange.status) == ("listShips", 200)  # with stand-ins for its credentials
    assert "200" in shown.text(".live-responses-table tbody")
    assert json.loads(shown.text(SHOWN)) == json.loads(exchange.answer)
    assert shown.problems == []
    assert of_here(shown, sandbox)


@needs_chromium
@with_ui
def test_on_a_phone_ids_and_segments_of_paths_are_whole(browser: Browser, serve: Serve) -> None:
    sandbox = serve("talon-one-integration")
    shown = browser.open(sandbox.explorer_url, width=390)
    shown.wait(f"{OPERATIONS}.length == {len(sandbox.client.operations)}")
    lines = (
        "(node) => {const range = document.createRange(); range.selectNodeContents(node);"
        " return new Set([...range.getClientRects()].map((each) => each.top)).size}"
    )
    for place, longest in ((".opblock-summary-operation-id", 30), (".opblock-summary-path span", 20)):
        texts = f"[...document.querySelectorAll('{place}')].flatMap((each) => [...each.childNodes])"
        whole = f"{texts}.filter((each) => each.nodeType == 3 && each.length < {longest}).map({lines})"
        assert {*shown.evaluate(whole)} == {1}
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")


@needs_chromium
@with_ui
def test_a_hostile_document_runs_nothing_and_loads_nothing(browser: Browser, serve: Serve) -> None:
    with RawServer() as evil:
        shown = opened(browser, serve(hostile(f"{evil.url}/")))
        unfold(shown, "op")
        assert shown.evaluate("document.querySelectorAll('#explorer script, [onerror]').length") == 0
    assert evil.connections == 0


CONTRAST = """
(() => {
  const channels = (color) => color.match(/[0-9.]+/g).slice(0, 3).map(Number);
  const light = (color) => {
    const linear = (c) => (c <= 0.04 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = channels(color).map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const back = matchMedia("(prefers-color-scheme: dark)").matches ? "rgb(18, 18, 18)" : "rgb(255, 255, 255)";
  return Math.min(...[...document.querySelectorAll("h1, p, a, code, td, .method")].map((each) => {
    const [one, two] = [light(getComputedStyle(each).color), light(back)].sort((a, b) => b - a);
    return (one + 0.05) / (two + 0.05);
  }));
})()
"""
"""The smallest contrast of a text with the canvas of the page (WCAG 2.2, relative luminance)."""


@pytest.mark.sampled(2)
@needs_chromium
@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize(("dark", "width"), [(False, 390), (True, 1280)])
def test_the_plain_page_can_be_read(browser: Browser, serve: Serve, dark: bool, width: int) -> None:
    sandbox = serve(
        document({f"/{'long/' * 20}{{id}}": {each: {"responses": FINE} for each in ("get", "delete")}})
    )
    shown = browser.open(sandbox.explorer_url, width=width, dark=dark)
    assert shown.evaluate("document.querySelectorAll('tr').length") == 2
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert shown.evaluate(CONTRAST) >= 4.5
    assert shown.problems == []
    assert of_here(shown, sandbox)
