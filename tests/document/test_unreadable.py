"""Messages for documents that are JSON with comments, or whose part files are missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Client, DocumentError, UnknownOperation
from dynaclient.cli.main import main
from dynaclient.document.reader import parse_file
from dynaclient.errors import Finding
from tests.small import document, one

TEXT = json.dumps({"a": {"b": ["x//y", "/* z */", 'q"//"', "\\"]}, "c": 1, "d": {}}, indent=1)

COMMENTED = {
    "a line": (TEXT.replace('"c"', '// the third\n "c"'), 10),
    "at the beginning": (f"// a licence\n{TEXT}", 1),
    "at the end": (f"{TEXT}\n// end", 13),
    "at the end, without a line": (f"{TEXT} // end", 12),
    "a block": (TEXT.replace('"c"', '/* c */ "c"'), 10),
    "before a name, as YAML would read it": (TEXT.replace('"a"', '/* "no": */ "a"'), 2),
    "a block of lines": (f"/* a\n * licence\n */\n{TEXT}", 1),
    "behind a value": (TEXT.replace("1,", "1, // one"), 10),
    "that never ends": (f"{TEXT}/* ", 12),
    "with a quote": (TEXT.replace('"c"', '// isn\'t "it\n "c"'), 10),
    "and a last comma": (TEXT.replace('"d": {}', '"d": {}, // the last'), 11),
    "with both ends of lines": (TEXT.replace("\n", "\r\n").replace('"c"', '// c\r\n "c"'), 10),
    "empty": (TEXT.replace('"c"', '/**/ "c"'), 10),
}


@pytest.mark.parametrize("what", COMMENTED)
def test_json_with_comments_is_called_that(what: str) -> None:
    """RFC 8259 has none; JSONC and JSON5 have. Texts that look like one are texts."""
    text, line = COMMENTED[what]
    findings: list[Finding] = []
    assert parse_file(text.encode(), "x.json", findings=findings) == json.loads(TEXT)
    assert [each.message for each in findings] == [
        f"JSON with comments, the first in line {line}: JSON has none"
    ]


RIGHT = {
    "JSON": (TEXT, []),
    "a URL": ('{"a": "http://x//y"}', []),
    "flow YAML with a URL": ("{a: http://x//y}", ["read as YAML"]),
    "flow YAML with its own comment": ("{a: 1 # http://x\n}", ["read as YAML"]),
    "a path that begins like a comment": ("//a: 1", []),
    "a glob": ("/*: 1", []),
}


@pytest.mark.parametrize("what", RIGHT)
def test_what_has_none_is_read_as_before(what: str) -> None:
    text, meanings = RIGHT[what]
    findings: list[Finding] = []
    tree = parse_file(text.encode(), "x", findings=findings)
    assert isinstance(tree, dict)
    assert [each.meaning for each in findings] == meanings
    assert tree != {}


@pytest.mark.parametrize("text", ['{"a": 1 "b": 2 // c\n}', "{// a", "/* a */", "// a\n{"])
def test_what_is_broken_beside_its_comments_says_where(text: str) -> None:
    with pytest.raises(DocumentError, match="line "):
        parse_file(text.encode(), "x.json")


def test_comments_take_time_that_grows_with_the_text() -> None:
    for piece in ("/*", "//", '"', "/* */", ",", '"\\'):
        with pytest.raises(DocumentError):
            parse_file(("{" + piece * 200_000).encode(), "x.json")


def test_a_document_with_comments(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("// Small\n" + json.dumps(one(), indent=1))
    for _ in ("cold", "warm"):
        client = Client(tmp_path / "a.json", cache=tmp_path / "cache")
        assert list(client.operations) == ["op"]
        assert "comments" in client.findings[0].message


MISSING: list[tuple[Any, str]] = [
    ({f"/p{n}": {"$ref": f"paths/p{n}.yaml"} for n in range(425)}, "425 references in `paths`"),
    ({"/p": {"$ref": "p.yaml#/p"}}, "1 reference in `paths`"),
    ({"$ref": "paths.yaml"}, "1 reference in `paths`"),
    ({"/p": {"get": {"$ref": "p.yaml"}}}, "1 reference in `paths`"),
    ({"/p": {"$ref": "#/components/pathItems/P"}}, "1 reference in `paths`"),
    ({"/p": {"$ref": "http://elsewhere.test/p.yaml"}}, "may not be read from elsewhere.test"),
    ({"/p": {"$ref": "../p.yaml"}}, "outside the document's folder"),
]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("version", ["2.0", "3.0.3", "3.1.0"])
@pytest.mark.parametrize(("paths", "said"), MISSING)
def test_that_part_files_are_missing_is_said(
    paths: Any, said: str, version: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = document(paths, version)
    if version == "2.0":
        tree["swagger"] = tree.pop("openapi")
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(tree))
    for _ in ("cold", "warm"):
        client = Client(path, cache=tmp_path / "cache")
        assert list(client.operations) == []
        with pytest.raises(UnknownOperation) as called:
            client.call("listPets")
        with pytest.raises(UnknownOperation) as attribute:
            client.list_pets  # noqa: B018
        for caught in (called, attribute):
            assert said in str(caught.value)
            assert "could not be read, the first: $ref" in str(caught.value)
    for words in (["ops"], ["ops", "pets"], ["show", "x"], ["test", "--server", "http://127.0.0.1:1"]):
        assert main([words[0], str(path), *words[1:]]) in (1, 2)
        assert said in capsys.readouterr().err


def test_a_document_that_has_no_operations_says_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.json").write_text(json.dumps(document({})))
    (tmp_path / "b.json").write_text(json.dumps(one(answer={"$ref": "nothing.json"})))
    main(["ops", str(tmp_path / "a.json")])
    assert capsys.readouterr().err == "dynaclient: the document has no operations\n"
    client = Client(tmp_path / "b.json")
    assert client.findings
    with pytest.raises(UnknownOperation) as caught:
        client.call("x")
    assert "could not be read" not in str(caught.value)
