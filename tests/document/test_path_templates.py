"""Path templates as other languages write them."""

from __future__ import annotations

import pytest

from dynaclient.document.parameters import intended as meant

IN_PATH, IN_QUERY = ["id", "b", "name"], ["q", "r"]
READ = [
    ("/x/{{id}}", "/x/{id}"),
    ("/x/{id:[0-9]+}", "/x/{id}"),
    ("/x/{id:[0-9]{3}}/y", "/x/{id}/y"),
    ("/v1/{name=shelves/*}:run", "/v1/{name}:run"),
    ("/v1/{name=shelves/*/books/**}", "/v1/{name}"),
    ("/x/:id", "/x/{id}"),
    ("/x/:id/y/:b.json", "/x/{id}/y/{b}.json"),
    ("/x/<id>/<int:b>", "/x/{id}/{b}"),
    ("/x{?q,r}", "/x"),
    ("/x{?q*}{&r}", "/x"),
    ("/x?q={q}", "/x"),
    ("/x?a=1&q={q}&r={r}", "/x?a=1"),
    ("/x?q={q}&a=1", "/x?a=1"),
    ("/x?q={q}&b={b}", "/x?b={b}"),
    ("/x/{id} ", "/x/{id}"),
]
LEFT = [
    "/x", "/x/{id}", "/x/{id}:run", "/x/{id}.{b}", "/x?a=1", "/x?b={b}", "/x/{other:[0-9]+}", "/x/:other",
    "/x/<other>", "/x{?q,other}", "/x?other={other}", "/x/{+name}", "/x/{id*}", "/x/a:b",
    "/x:id", "/x/{id}/:id",
]  # fmt: skip


@pytest.mark.parametrize(("path", "due"), READ)
def test_what_is_declared_is_read(path: str, due: str) -> None:
    assert meant(path, IN_PATH, IN_QUERY) == due


@pytest.mark.parametrize("path", LEFT)
def test_what_is_right_or_not_declared_stays(path: str) -> None:
    assert meant(path, IN_PATH, IN_QUERY) == path
