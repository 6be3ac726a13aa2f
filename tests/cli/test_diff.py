"""`dynaclient diff`: what is printed, as text, JSON and Markdown, and the exit code."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from dynaclient.diff import diff
from dynaclient.diff.reports import diff_lines, markdown
from tests.cli.conftest import Run
from tests.small import document, one, param, said

ORDER = {"type": "object", "properties": {"state": {"enum": ["open", "closed"]}}}
LESS = {"type": "object", "properties": {"state": {"enum": ["open"]}}}


def api(schema: Any, version: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}
    operations = {
        name: {
            "operationId": f"{name}Order",
            "requestBody": {"content": content},
            "responses": {"200": said()},
        }
        for name in ("put", "post")
    }
    root = document({"/orders": operations}, components={"schemas": {"Order": schema}})
    root["info"]["version"] = version
    return root


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    monkeypatch.chdir(tmp_path)
    for name, schema in (("old", ORDER), ("new", LESS)):
        (tmp_path / f"{name}.json").write_text(json.dumps(api(schema, name)))
    return "old.json", "new.json"


TEXT = """\
old.json -> new.json

breaking for callers (1)
  schema Order, state: no longer allows 'closed'
    requests with such a value are refused
    old accepts, new refuses: {"state": "closed"}
    in putOrder, postOrder

1 change breaks
"""

MARKDOWN = """\
# old.json -> new.json

1 change breaks.

## Breaking for callers

- **schema Order, state**: no longer allows 'closed'
  - requests with such a value are refused
  - old accepts, new refuses: `{"state": "closed"}`
  - in putOrder, postOrder
"""


def test_text(run: Run, pair: tuple[str, str]) -> None:
    result = run("diff", *pair)
    assert (result.code, result.out) == (0, TEXT)


def test_the_other_way_round_it_is_safe(run: Run, pair: tuple[str, str]) -> None:
    result = run("diff", *pair[::-1], "--breaking")
    assert result.code == 0
    assert result.out.splitlines()[2:] == [
        "safe (1)",
        "  schema Order, state: now allows 'closed'",
        "",
        "1 change is safe",
    ]


def test_nothing_changed(run: Run, pair: tuple[str, str]) -> None:
    assert run("diff", pair[0], pair[0]).out == "old.json -> old.json\n\nnothing changed\n"


def test_a_variable_that_is_not_set_is_no_second_document(run: Run, pair: tuple[str, str]) -> None:
    result = run("diff", pair[0], "", "--breaking")
    assert (result.code, result.out) == (2, "")
    assert "expected a path, a URL or one of" in result.err


def test_what_could_not_be_read_is_not_called_unchanged(
    run: Run, pair: tuple[str, str], tmp_path: Path
) -> None:
    lost = api({}, "lost")
    lost["paths"]["/gone"] = {"$ref": "gone.json#/x"}
    (tmp_path / "lost.json").write_text(json.dumps(lost))
    result = run("diff", "lost.json", "lost.json", "--breaking")
    assert (result.code, "nothing changed" in result.out) == (1, True)
    assert "not all was compared: lost.json; 1 reference in `paths` could not be read" in result.err
    assert "operations are missing in the stub; 1 reference" in run("stubs", "lost.json").err


def test_markdown(run: Run, pair: tuple[str, str]) -> None:
    assert run("diff", *pair, "--output", "markdown").out == MARKDOWN


def test_json(run: Run, pair: tuple[str, str]) -> None:
    data = json.loads(run("diff", *pair, "--output", "json").out)
    assert data == {
        "old": "old.json",
        "new": "new.json",
        "breaks": True,
        "changes": [
            {
                "verdict": "breaking",
                "affected": "callers",
                "subject": "schema Order",
                "place": "state",
                "message": "no longer allows 'closed'",
                "reason": "requests with such a value are refused",
                "witness": {"state": "closed"},
                "operations": ["putOrder", "postOrder"],
                "old_pointer": "/components/schemas/Order/properties/state",
                "new_pointer": "/components/schemas/Order/properties/state",
            }
        ],
    }


def test_breaking_ends_with_1(run: Run, pair: tuple[str, str]) -> None:
    assert run("diff", *pair, "--breaking").code == 1
    assert run("diff", *pair, "--breaking", "--output", "json").code == 1
    assert run("diff", pair[0], pair[0], "--breaking").code == 0


def test_what_may_break_is_not_passed_over(run: Run, tmp_path: Path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(one(servers=[{"url": "https://a.test"}, {"url": "https://b.test"}])))
    new.write_text(json.dumps(one(servers=[{"url": "https://a.test"}])))
    result = run("diff", str(old), str(new), "--breaking")
    assert result.code == 1
    assert "may break callers (1)" in result.out


def test_calls(run: Run, pair: tuple[str, str]) -> None:
    Path("src").mkdir()
    Path("src/shop.py").write_text('def buy(api):\n    api.post_order(body={})\n    api.call("other")\n')
    Path("src/broken.py").write_text("def (")
    result = run("diff", *pair, "--calls", "src")
    place = os.path.join("src", "shop.py")
    assert f"  {place}:2: api.post_order(body={{}})" in result.out.splitlines()
    assert "1 call site touched" in result.out
    assert "broken.py was not read: invalid syntax" in result.out
    data = json.loads(run("diff", *pair, "--calls", "src", "--output", "json").out)
    assert data["calls"] == [{"path": place, "line": 2, "operation": "postOrder", "changes": [0]}]
    assert "`api.post_order(body={})`" in run("diff", *pair, "--calls", "src", "--output", "markdown").out


def test_an_overlay_is_applied_to_both(run: Run, pair: tuple[str, str]) -> None:
    actions = [{"target": "$.components.schemas.Order.properties.state", "remove": True}]
    Path("o.json").write_text(
        json.dumps({"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": actions})
    )
    assert "nothing changed" in run("diff", *pair, "--overlay", "o.json").out


def test_help_and_usage(run: Run, pair: tuple[str, str]) -> None:
    text = run("diff", "--help").out
    assert "examples:" in text
    assert "OLD NEW" in text
    assert run("diff", pair[0]).code == 2
    assert run("diff", pair[0], "nowhere.json").code == 2
    missing = run("diff", *pair, "--calls", "nowhere")
    assert (missing.code, missing.err) == (2, "dynaclient: nowhere: no such file or folder\n")


HOSTILE = "\x1b[31m<script>`x`</script>\x07](javascript:1)\n# h"


def test_what_a_document_writes_is_text_in_each_report() -> None:
    old = one("get", "/x", param(HOSTILE), operation={"operationId": HOSTILE})
    found = diff(old, one("get", "/x", operation={"operationId": "op"}))
    text = "\n".join(line.text for line in diff_lines(found))
    marked = markdown(found)
    assert "\x1b" not in text + marked
    assert "\x07" not in text + marked
    assert "\n# h" not in text + marked
    assert "<script>" not in marked.replace("\\<script\\>", "")
    assert "](javascript" not in marked.replace("\\](", "")


LIVE = [
    *("http://evil.example/x", "https://evil.example,", "(www.evil.example)", "ftp://evil.example:"),
    *("me@evil.example", "@octocat", "a@octocat", "@org/team", "<@octocat>", "\\@octocat", "**@octocat**"),
    *("#12", "org/repo#12", "GH-12", ":tada:", "$x$", "`@octocat`", "``@octocat", "@octocat`"),
    "[@octocat](http://evil.example)",
]
ACTS = re.compile(r"(?i)://|www\.\w|@\w|#\d|gh-\d|:tada:|\$")


@pytest.mark.parametrize("name", LIVE)
def test_nothing_that_a_document_writes_is_a_link_or_mention_on_github(name: str) -> None:
    """GitHub looks for these in the text that Markdown shows, `\\@name` too; in code it does not."""
    markdown_it = pytest.importorskip("markdown_it", reason="markdown-it-py, of rich, reads the report")
    said = f"see {name} and ` {name}"
    old = one("get", "/x", param(said), operation={"operationId": said})
    marked = markdown(diff(old, one("get", "/x", operation={"operationId": "op"})))
    tokens = markdown_it.MarkdownIt("commonmark").parse(marked)
    parts = [part for token in tokens for part in token.children or ()]
    known = {"text", "text_special", "code_inline", "strong_open", "strong_close"}
    assert {part.type for part in parts} <= known
    shown = "".join("\n" if part.type == "code_inline" else part.content for part in parts)
    assert not ACTS.search(shown), shown
    whole = " ".join("".join(part.content for part in token.children or ()) for token in tokens)
    assert said in whole, "all of it is shown, as it was written"


def test_names_with_an_at_sign_or_a_dollar_are_code_in_markdown() -> None:
    marked = markdown(diff(one("get", "/x", param("$filter")), one("get", "/x")))
    assert "- **op, query `$filter`**: parameter removed\n" in marked
