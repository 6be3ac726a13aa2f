"""Call sites of operations that a diff touches, found by their names in Python source."""

from __future__ import annotations

from pathlib import Path

import pytest

from dynaclient import Client
from dynaclient.diff import diff
from dynaclient.diff.call_sites import MOST_BYTES, CallSites, call_sites
from tests.small import document, one, said

OLD = document(
    {
        "/pets/{id}": {"get": {"operationId": "getPet", "responses": {"200": said()}}},
        "/pets": {"get": {"operationId": "listPets", "responses": {"200": said()}}},
    }
)
NEW = document({"/pets": OLD["paths"]["/pets"]})

TOUCHED = [
    "client.get_pet(1)",
    "client.get_pet.send(1)",
    "client.get_pet",
    "self.api.get_pet(id=1)",
    'client.call("getPet", id=1)',
    'client.send("getPet", id=1)',
    'client.prepare("GET /pets/{id}", id=1)',
    'client.operations["getPet"]',
    "operations['getPet']",
    "[client.get_pet(each) for each in range(3)]",
    "async def f():\n    await client.get_pet(1)",
]
OTHERS = [
    "client.list_pets()",
    'client.call("listPets")',
    'print("getPet")',
    "get_pet = 1",
    'client.call(name, "getPet")',
    'client.call(f"get{what}")',
    'other["getPet"]',
    "# client.get_pet(1)",
    '"""client.get_pet(1)"""',
]


def found(source: Path) -> CallSites:
    return call_sites(source, Client(OLD).operations, diff(OLD, NEW))


@pytest.mark.parametrize("code", TOUCHED)
def test_a_call_that_is_touched(code: str, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(f"x = 1\n{code}\n")
    (site,) = found(tmp_path).sites
    assert (site.path, site.operation) == (str(tmp_path / "a.py"), "getPet")
    assert site.line == 1 + len(code.splitlines())
    assert site.code == code.splitlines()[-1].strip()
    assert [each.message for each in site.changes] == ["operation removed (GET /pets/{id})"]


@pytest.mark.parametrize("code", OTHERS)
def test_what_is_no_such_call(code: str, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(code)
    assert found(tmp_path).sites == ()


def test_a_call_over_several_lines_is_named_once(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("(\n    client\n    .get_pet\n    .send(1)\n)\n")
    assert [(each.line, each.code) for each in found(tmp_path).sites] == [(3, ".get_pet")]


def test_safe_changes_touch_no_call(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("client.op()")
    new = one(operation={"deprecated": True})
    assert call_sites(tmp_path, Client(one()).operations, diff(one(), new)).sites == ()


def test_folders_that_hold_the_code_of_others_are_passed_over(tmp_path: Path) -> None:
    for name in ("own", ".git", "__pycache__", "node_modules", "env", "env/lib/site-packages"):
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / name / "a.py").write_text("client.get_pet(1)")
    (tmp_path / "env" / "pyvenv.cfg").touch()
    assert [each.path for each in found(tmp_path).sites] == [str(tmp_path / "own" / "a.py")]


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.py").write_text("client.get_pet(1)")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "link").symlink_to(tmp_path / "elsewhere")
    assert found(tmp_path / "own").sites == ()


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def (")
    (tmp_path / "latin.py").write_bytes(b"x = '\xe9'")
    (tmp_path / "long.py").write_text("#" * (MOST_BYTES + 1))
    (tmp_path / "nul.py").write_bytes(b"x = 1\0")
    (tmp_path / "deep.py").write_text("x = " + "-" * 100_000 + "1")
    result = found(tmp_path)
    assert [Path(path).name for path, _ in result.unread] == [
        "broken.py",
        "deep.py",
        "latin.py",
        "long.py",
        "nul.py",
    ]
    assert all(why for _, why in result.unread)


def test_one_file_and_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('client.call(\n"getPet")')
    assert [each.line for each in found(tmp_path / "a.py").sites] == [2]
    with pytest.raises(FileNotFoundError):
        found(tmp_path / "nowhere")


def test_nothing_is_run(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(f"open({str(tmp_path / 'made')!r}, 'w')\nclient.get_pet(1)")
    assert found(tmp_path).sites
    assert not (tmp_path / "made").exists()
