"""Which operation a request's path is for."""

from __future__ import annotations

import pytest

from dynaclient import Client
from dynaclient.wire.routes import RouteMatch, Routes
from tests.sandbox.documents import document, operation


def routes(*paths: str, method: str = "get") -> Routes:
    return Routes(Client(document({path: {method: operation(path)} for path in paths})).operations)


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("/", "/", {}),
        ("/a/{id}", "/a/1", {"id": "1"}),
        ("/a/{id}", "/a/x%2Fy", {"id": "x%2Fy"}),
        ("/a/{id}/b", "/a/%2e%2e/b", {"id": "%2e%2e"}),
        ("/a/{x}.{y}", "/a/1.2", {"x": "1", "y": "2"}),
        ("/a/{x},{y}", "/a/1,2", {"x": "1", "y": "2"}),
        ("/a/v{x}", "/a/v7", {"x": "7"}),
        ("/a b", "/a%20b", {}),
        ("/a:go", "/a%3Ago", {}),
        ("/a:go", "/a:go", {}),
        ("/é", "/%C3%A9", {}),
        ("/é", "/%c3%a9", {}),
        ("/{m}", "/;m=1", {"m": ";m=1"}),
        ("/a.b", "/a.b", {}),
        ("/a#one", "/a", {}),
    ],
)
def test_a_path_is_matched_segment_by_segment(template: str, path: str, values: dict[str, str]) -> None:
    assert routes(template).find("GET", path, "") == RouteMatch(template, values)


def test_values_have_the_names_that_the_parameters_are_declared_by() -> None:
    described = operation(parameters=[{"name": "id", "in": "path", "required": True, "schema": {}}])
    found = Routes(Client(document({"/a/{ID}/{b}": {"get": described}})).operations)
    assert found.find("GET", "/a/1/2", "") == RouteMatch("op", {"id": "1", "b": "2"})


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/a/{id}", "/a/"),
        ("/a/{id}", "/a"),
        ("/a/{id}", "/a/1/2"),
        ("/a/{id}", "/A/1"),
        ("/a", "/a/"),
        ("/a.b", "/axb"),
        ("/a", "//a"),
    ],
)
def test_a_path_that_fits_no_template_is_unknown(template: str, path: str) -> None:
    assert routes(template).find("GET", path, "") == ()


@pytest.mark.parametrize("order", [1, -1])
def test_what_is_written_out_goes_before_what_is_templated(order: int) -> None:
    paths = ["/a/mine", "/a/{id}", "/a/v{id}", "/{x}/mine", "/a/{id}/b", "/a/mine/{b}"][::order]
    found = routes(*paths)
    wanted = {
        "/a/mine": "/a/mine",
        "/a/other": "/a/{id}",
        "/a/v1": "/a/v{id}",
        "/b/mine": "/{x}/mine",
        "/a/mine/b": "/a/mine/{b}",
        "/a/1/b": "/a/{id}/b",
    }
    got = {path: found.find("GET", path, "") for path in wanted}
    assert {path: each.key for path, each in got.items() if isinstance(each, RouteMatch)} == wanted


def test_another_method_gets_the_methods_there_are() -> None:
    item = {"get": operation("read"), "put": operation("write")}
    found = Routes(Client(document({"/a/{id}": item, "/a/mine": {"post": operation("mine")}})).operations)
    assert found.find("DELETE", "/a/1", "") == ("GET", "PUT")
    assert found.find("DELETE", "/a/mine", "") == ("POST", "GET", "PUT")
    assert found.find("GET", "/a/mine", "") == RouteMatch("read", {"id": "mine"})


def test_a_query_in_a_path_tells_operations_apart() -> None:
    found = routes("/do?action=start", "/do?action=stop", "/do")
    assert found.find("GET", "/do", "action=stop&x=1") == RouteMatch("/do?action=stop", {})
    assert found.find("GET", "/do", "action=start") == RouteMatch("/do?action=start", {})
    assert found.find("GET", "/do", "") == RouteMatch("/do", {})


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("/{id}{extension}", "/ab.c", [("a", "b.c"), ("ab", ".c"), ("ab.", "c")]),
        ("/{x}.{y}", "/1.2.3", [("1", "2.3"), ("1.2", "3")]),
        ("/{x}.{y}/z", "/1.2/z", [("1", "2")]),
        ("/{x}.{y}", "/1.%2e2", [("1", "%2e2"), ("1.", "2")]),
    ],
)
def test_a_segment_is_shared_out_in_every_way(
    template: str, path: str, values: list[tuple[str, ...]]
) -> None:
    found = routes(template).find("GET", path, "")
    assert isinstance(found, RouteMatch)
    assert [tuple(each.values.values()) for each in (found, *found.others)] == values


def test_a_long_segment_is_shared_out_in_bounded_time() -> None:
    found = routes("/{a}{b}{c}{d}{e}-").find("GET", f"/{'x' * 5000}-", "")
    assert isinstance(found, RouteMatch)
    assert len(found.others) < 64


def test_what_a_path_means_beside_the_operation_that_it_was_made_for() -> None:
    found = routes("/a/mine", "/a/{id}", "/a/{name}", "/a/v{x}", "/{x}/mine", "/a/{id}/b", "/c")

    def beside(key: str, path: str) -> list[str]:
        return [each.key for each in found.beside(key, path, "")]

    assert beside("/a/{id}", "/a/1") == ["/a/{name}"]
    assert beside("/a/{id}", "/a/mine") == ["/a/mine", "/a/{name}"]
    assert beside("/a/{id}", "/a/v1") == ["/a/v{x}", "/a/{name}"]
    assert beside("/a/mine", "/a/mine") == []
    assert beside("/{x}/mine", "/a/mine") == ["/a/mine", "/a/{id}", "/a/{name}"]
    assert beside("/a/{id}/b", "/a/1/b") == []
    assert [each.values for each in routes("/{x}{y}").beside("/{x}{y}", "/123", "")] == [
        {"x": "12", "y": "3"}
    ]
