"""The work of finding faults in a document grows in line with the document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dynaclient import Client
from dynaclient.document.node import Node
from dynaclient.document.parameters import spelt_otherwise, with_python_names
from dynaclient.schema.references import References
from dynaclient.schema.translator import discriminated
from tests.small import one, param, said
from tests.work import Counted, growth

TEXT = {"type": "string"}


def paths(count: int, path: str) -> dict[str, Any]:
    """Operations on `path`, in which `*` is the number of each."""
    tree = one("get", "/first")
    for index in range(count):
        name = path.replace("*", str(index))
        declared = [param(each.strip("{}"), "path", TEXT) for each in name.split("/") if "{" in each]
        tree["paths"][name] = {
            "get": {"operationId": f"get{index}", "parameters": declared, "responses": {"200": said()}}
        }
    return tree


def declared(count: int, place: str = "query", name: str = "p*") -> dict[str, Any]:
    return one("get", "/x", *(param(name.replace("*", str(index)), place, TEXT) for index in range(count)))


def media(count: int) -> dict[str, Any]:
    content = {f"application/x{index}": {"schema": {"type": "object"}} for index in range(count)}
    tree = one("post", "/x")
    tree["paths"]["/x"]["post"]["requestBody"] = {"content": content}
    return tree


def schemas(count: int) -> dict[str, Any]:
    every = {f"S{index}": {"type": "object", "required": ["k"]} for index in range(count)}
    refs = [{"$ref": f"#/components/schemas/{name}"} for name in every]
    mapping = {f"m{index}": each["$ref"] for index, each in enumerate(refs)}
    union = {"oneOf": refs, "discriminator": {"propertyName": "k", "mapping": mapping}}
    return one("post", "/x", body=union, components={"schemas": every})


GROWING: list[tuple[str, Callable[[int], dict[str, Any]]]] = [
    ("parameters", declared),
    ("the same parameter", lambda n: declared(n, name="p")),
    ("headers", lambda n: declared(n, "header")),
    ("names of one spelling", lambda n: declared(n, name="p_*_")),
    ("parameters of a path that lacks them", lambda n: declared(n, "path")),
    ("paths", lambda n: paths(n, "/p*")),
    ("templates that overlap", lambda n: paths(n, "/a/{p*}")),
    ("templates that overlap in turn", lambda n: paths(n, "/{a}/x*")),
    ("media types", media),
    ("members told apart", schemas),
]


@pytest.mark.parametrize(("kind", "make"), GROWING, ids=[kind for kind, _ in GROWING])
def test_findings_grow_in_line(kind: str, make: Callable[[int], dict[str, Any]]) -> None:
    def work(size: int) -> Callable[[], Any]:
        tree = make(size)
        return lambda: Client(tree, cache=False).findings

    assert growth(work, 50) < 2.6


def compared(do: Callable[[], Any]) -> int:
    before = Counted.compared
    do()
    return Counted.compared - before


def test_names_of_parameters_are_not_compared_with_each_other() -> None:
    (first,) = Client(declared(1)).operations["op"].parameters
    many = [replace(first, name=Counted(f"p{index}")) for index in range(500)]
    many += [
        replace(first, name=Counted("aB")),
        replace(first, name=Counted("a_b")),
        replace(first, name="c-d"),
    ]
    assert compared(lambda: with_python_names(many)) < 5_000
    named = with_python_names(many)
    assert [each.python_name for each in named[-4:]] == ["p499", "", "a_b", "c_d"]


@pytest.mark.parametrize(
    ("given", "wanted", "due"),
    [
        (["id"], ["ID"], {"id": "ID"}),
        (["id", "Id"], ["ID"], {}),
        (["id"], ["ID", "Id"], {}),
        ([" a "], ["a"], {" a ": "a"}),
        (["id"], ["id"], {}),
        (["id", "petId"], ["ID", "pet_id"], {"id": "ID", "petId": "pet_id"}),
    ],
)
def test_names_that_a_path_spells_another_way(
    given: list[str], wanted: list[str], due: dict[str, str]
) -> None:
    assert spelt_otherwise(given, wanted) == due


def test_names_of_a_path_are_not_compared_with_each_other() -> None:
    wanted = {Counted(f"P{index}"): None for index in range(400)}
    given = {Counted(f"p{index}"): None for index in range(400)}
    assert compared(lambda: spelt_otherwise(given, wanted)) < 4_000
    assert len(spelt_otherwise(given, wanted)) == 400


def test_a_mapping_is_read_once_for_all_members() -> None:
    refs = [Counted(f"#/$defs/S{index}") for index in range(400)]
    discriminator = {"propertyName": "k", "mapping": {f"m{index}": ref for index, ref in enumerate(refs)}}
    members = [{"$ref": str(ref)} for ref in refs]
    assert compared(lambda: discriminated(discriminator, members)) < 4_000
    assert discriminated(discriminator, members)[7] == ["m7", "S7"]
    assert discriminated(discriminator, [{"type": "object"}, True]) == [[], []]


def test_the_key_of_a_schema_on_a_long_path_is_short_and_its_own() -> None:
    references = References(Client(one()).document, "request")
    keys = [references.key(Node({}, "", "/paths/" + "~1{x}" * 50_000 + f"/{index}")) for index in range(3)]
    assert len({*keys}) == 3
    assert all(len(key) < 100 for key in keys)
