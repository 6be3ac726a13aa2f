"""Operations and parameters as attributes of Python: the exact id wins, and every alphabet has letters."""

from __future__ import annotations

import inspect
import unicodedata
from typing import Any

import pytest

from dynaclient import Client, Finding
from dynaclient.client import executor_of
from dynaclient.lint import lint
from tests.conftest import Serve
from tests.small import document, json_reply, one, param

BARE: dict[str, Any] = {"responses": {}}


def ids(*names: str, version: str = "3.0.3") -> Client:
    paths = {
        f"/p{at}": {"get": {**BARE, **({"operationId": name} if name else {})}}
        for at, name in enumerate(names)
    }
    return Client(document(paths, version))


def collisions(client: Client) -> list[Finding]:
    return [each for each in lint(executor_of(client)) if each.message.startswith("the attribute of ")]


COLLISIONS: list[tuple[list[str], dict[str, str], list[str]]] = [
    (["deleteAll", "delete_all"], {"delete_all": "delete_all", "delete_all_2": "deleteAll"}, ["deleteAll"]),
    (["delete_all", "deleteAll"], {"delete_all": "delete_all", "delete_all_2": "deleteAll"}, ["deleteAll"]),
    (["getX", "get-x", "get_x_2"], {"get_x": "getX", "get_x_2": "get_x_2", "get_x_3": "get-x"}, ["get-x"]),
    (["call", "call_"], {"call_": "call_", "call__2": "call"}, ["call"]),
    (["import", "import_"], {"import_": "import_", "import__2": "import"}, ["import"]),
    (["", "get_p0"], {"get_p0": "get_p0", "get_p0_2": "GET /p0"}, ["GET /p0"]),
    (["ﬁle", "file"], {"file": "file", "file_2": "ﬁle"}, ["ﬁle"]),
    (["Liste", "liste", "LISTE"],
     {"liste": "liste", "liste_2": "Liste", "liste_3": "LISTE"}, ["Liste", "LISTE"]),
    (["close"], {"close_": "close"}, ["close"]),
    (["getA", "getB"], {"get_a": "getA", "get_b": "getB"}, []),
    (["get_a", "get_a_2"], {"get_a": "get_a", "get_a_2": "get_a_2"}, []),
]  # fmt: skip


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize(("names", "due", "crowded"), COLLISIONS, ids=[str(row[0]) for row in COLLISIONS])
def test_the_exact_id_wins_and_each_collision_is_a_finding(
    names: list[str], due: dict[str, str], crowded: list[str], version: str
) -> None:
    client = ids(*names, version=version)
    assert dict(client.operations.attributes) == due
    assert {name: getattr(client, name).operation.key for name in due} == due
    found = collisions(client)
    assert [each.message.split("'")[1] for each in found] == crowded
    for each in found:
        key = each.message.split("'")[1]
        assert each.meaning == f"it is client.{client.operations[key].attribute}"
        assert each.pointer == client.operations[key].node.place


def test_who_has_the_attribute_is_told() -> None:
    (finding,) = collisions(ids("deleteAll", "delete_all"))
    assert str(finding) == (
        "warning: /paths/~1p0/get: the attribute of 'deleteAll' would be delete_all, "
        "which is the attribute of 'delete_all' too (it is client.delete_all_2)"
    )
    (finding,) = collisions(ids("call"))
    assert (finding.severity, finding.message[-36:]) == ("note", "which is a name of the client itself")


def test_many_of_one_name_take_their_time_only() -> None:
    names = [f"get{'-' * n}a" for n in range(1, 3000)]
    assert len(ids(*names).operations.attributes) == len(names)


ALPHABETS = [
    ("获取用户", "获取用户", "用户名"),
    ("Élève.liste", "élève_liste", "Prénom"),
    ("ПолучитьСписок", "получить_список", "Имя"),
    ("λίσταΧρηστών", "λίστα_χρηστών", "όνομα"),
    ("사용자.목록", "사용자_목록", "이름"),
    ("listÄpfel", "list_äpfel", "größe"),
    ("listA", "list_a", "name"),
]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(("key", "attribute", "parameter"), ALPHABETS)
def test_the_letters_of_every_alphabet_stay(
    key: str, attribute: str, parameter: str, form: Any, serve: Serve
) -> None:
    key, wire = (unicodedata.normalize(form, each) for each in (key, parameter))
    operation = {"operationId": key, "parameters": [param(wire, required=True)], **BARE}
    server = serve(json_reply({}))
    client = Client(document({"/x": {"get": operation}}), server=server.url)
    assert attribute in dir(client)
    bound = eval(f"client.{attribute}", {"client": client})
    name = parameter.lower()
    assert list(inspect.signature(bound).parameters) == [name, "options"]
    for call in (f"{name}='a'", f"{parameter}='a'", f"**{{{wire!r}: 'a'}}", "'a'"):
        request = eval(f"bound.prepare({call})", {"bound": bound})
        assert request.url == bound.prepare(**{wire: "a"}).url
    assert client.operations[unicodedata.normalize("NFC", key)].key == key
    assert client.call(unicodedata.normalize("NFD", key), {wire: "a"}) == {}


def test_a_name_that_two_parameters_have_in_python_is_given_as_it_is_written() -> None:
    client = Client(one("get", "/x", param("é"), param("e\u0301")), server="http://h.test")
    request = client.prepare("op", {"é": "1", "e\u0301": "2"})
    assert request.url == "http://h.test/x?%C3%A9=1&e%CC%81=2"
