"""A notebook that is executed by a real kernel: what its cells show, and how it ends a cell with an error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests._support.test_notebook import page
from tests.conftest import Serve
from tests.small import document, json_reply, said

REASON = "a notebook is executed by nbclient and ipykernel"
nbclient: Any = pytest.importorskip("nbclient", reason=REASON)
nbformat: Any = pytest.importorskip("nbformat", reason=REASON)
pytest.importorskip("ipykernel", reason=REASON)

PET = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
DOC = document(
    {
        "/pets": {
            "get": {
                "operationId": "listPets",
                "summary": "All <b>pets</b>",
                "responses": {"200": said({"type": "array", "items": PET})},
            },
            "post": {
                "operationId": "addPet",
                "requestBody": {"required": True, "content": {"application/json": {"schema": PET}}},
                "responses": {"200": said(PET)},
            },
        }
    }
)
CELLS = (
    "from dynaclient import Client, find, example\napi = Client({path!r}, server={url!r})\napi",
    "api.add_pet",
    "api.list_pets.send()",
    "_.data[0]['name']",
    "find(api, 'all')",
    "api.add_pet({{'nmae': 'Rex'}})",
    "%tb",
    "def add(name):\n    return api.add_pet({{'nmae': name}})\n\nfor each in ('Rex',):\n    add(each)",
    "example(api.add_pet)",
    "api.findings",
)


def executed(cells: list[str], folder: Path) -> list[Any]:
    """The outputs of cells, by what a kernel says."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in cells])
    settings = {"timeout": 60, "kernel_name": "python3", "allow_errors": True}
    nbclient.NotebookClient(notebook, **settings, resources={"metadata": {"path": str(folder)}}).execute()
    return [cell.outputs for cell in notebook.cells]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_cells_of_a_notebook(serve: Serve, tmp_path: Path) -> None:
    server = serve(json_reply([{"name": "Rex"}, {"name": "<script>"}]))
    path = tmp_path / "pets.json"
    path.write_text(json.dumps(DOC))
    cells = [each.format(path=str(path), url=server.url) if "{" in each else each for each in CELLS]
    shown = executed(cells, tmp_path)
    client, operation, response, name, found, refused, traced, inside, made, findings = (
        each[0] for each in shown
    )
    assert "2 operations" in page(client.data["text/html"]).text
    assert "POST /pets" in page(operation.data["text/html"]).text
    assert '"<script>"' in page(response.data["text/html"]).text
    assert response.data["text/plain"].splitlines()[1] == "[{'name': 'Rex'}, {'name': '<script>'}]"
    assert name.data["text/plain"] == "'Rex'"
    assert "list_pets" in page(found.data["text/html"]).text
    assert refused.output_type == traced.output_type == "error"
    lines = "\n".join(refused.traceback).splitlines()
    assert lines[0] == "RequestInvalid: addPet: the request was not sent; 1 violation"
    assert lines[1].startswith("  body: 'name' is missing")
    assert lines[2] == "      {'nmae': 'Rex'}"
    assert lines[3:] == ["(%tb shows the whole traceback)"]
    assert "\n".join(inside.traceback).splitlines()[3:] == [
        "at line 2 of the cell, in add: return api.add_pet({'nmae': name})",
        "at line 5 of the cell: add(each)",
        "(%tb shows the whole traceback)",
    ]
    assert "executor.py" in "\n".join(traced.traceback)
    assert made.data["text/plain"].startswith("api.add_pet(")
    assert "text/html" in findings.data
