# ruff: noqa: E501  (programs)
"""What an editor offers while a program is written, by the stub of a document."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dynaclient import Client
from dynaclient.sandbox import Sandbox
from dynaclient.stubs.stub import stub
from tests.stubs.editor import Editor

HEAD = """\
from __future__ import annotations
from typing import TYPE_CHECKING
from dynaclient import connect
if TYPE_CHECKING:
    from talon import Talon
talon: Talon = connect("talon-one-integration")
"""
STATES = ["open", "closed", "partially_returned", "cancelled"]
OFFERED: list[tuple[str, list[str]]] = [
    # a program, what is offered at its bar among other things
    ("talon.get_cust|", ["get_customer_session", "get_customer_inventory"]),
    ("talon.get_customer_session.|", ["send", "prepare", "operation"]),
    ("talon.get_customer_inventory('c', prof|", ["profile="]),
    ('talon.update_customer_session_v2(body={"customerSession": {"st|', ['"state"']),
    ('talon.update_customer_session_v2("s", {"|"})', ['"customerSession"', '"responseContent"']),
    ('talon.update_customer_session_v2("s", {"customerSession": {"cartItems": [{"|"}]}})', ['"sku"', '"quantity"']),
    ('talon.update_customer_session_v2("s", {"customerSession": {"state": "|"}})', [f'"{each}"' for each in STATES]),
    (
        's = talon.update_customer_session_v2("s", {"customerSession": {}})["customerSession"]\nif s["state"] == "|"',
        [f'"{each}"' for each in STATES],  # though other values may come
    ),
    ('talon.update_customer_session_v2("s", {"customerSession": {}})["|"]', ['"effects"', '"customerSession"']),
    ('talon.call("getCust|")', ['"getCustomerSession"']),
    ('talon.operations["|"]', ['"getCustomerSession"', '"GET /v2/customer_sessions/{customerSessionId}"']),
    ('talon.get_customer_session("s", options={"|"})', ['"timeout"', '"headers"']),
]  # fmt: skip


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    folder = tmp_path_factory.mktemp("editor")
    (folder / "talon.pyi").write_text(
        stub(Client("talon-one-integration"), "Talon", "a test"), encoding="utf-8"
    )
    with Editor(folder) as editor:
        yield editor


def test_it_completes(editor: Editor) -> None:
    for program, names in OFFERED:
        offered = editor.completions(HEAD + program)
        assert [name for name in names if name not in offered] == [], program


def test_it_shows_what_the_document_says(editor: Editor) -> None:
    shown = editor.hover(
        HEAD + 'talon.update_customer_session_v2("s", {"customerSession": {"sta|te": "open"}})'
    )
    assert "Where the purchase stands" in shown
    assert "Create or update a customer session" in editor.hover(HEAD + "talon.update_customer|_session_v2")


def test_a_new_operation_needs_a_new_document_and_the_editor_a_new_stub(editor: Editor) -> None:
    """Of the sandbox's own document: the client calls what was added to it at once."""
    tree = dict(Client("talon-one-integration").document.tree)
    added = {"operationId": "getCustomerMood", "responses": {"200": {"description": "", "content": {
        "application/json": {"schema": {"type": "object", "required": ["mood"],
                                        "properties": {"mood": {"enum": ["calm", "keen"]}}}}}}}}  # fmt: skip
    tree["paths"] = {**tree["paths"], "/v1/mood": {"get": added}}
    with Sandbox(tree) as sandbox:
        client = Client(tree, server=sandbox.url, credentials={"api_key_v1": "any"})
        assert client.get_customer_mood()["mood"] in ("calm", "keen")
    assert "get_customer_mood" not in editor.completions(f"{HEAD}talon.get_cust|")
    editor.save("talon.pyi", stub(client, "Talon", "a test"))
    assert "get_customer_mood" in editor.completions(f"{HEAD}talon.get_cust|")
    assert '"keen"' in editor.completions(f'{HEAD}talon.get_customer_mood()["mood"] == "|"')
