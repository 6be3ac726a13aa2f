"""The vendored documents: the structure is official, the words are our own; the tool that joins both."""

from __future__ import annotations

import gzip
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
VENDORED = sorted((ROOT / "spec" / "talon-one-integration").glob("*.yaml"))
FACTS = ROOT.parent / "shared" / "facts"
NAMES = ["2020-04", "2020-05", "2020-10", "2023-04", "2024-06", "2026-05"]


def load_tool() -> ModuleType:
    place = importlib.util.spec_from_file_location("generation", ROOT / "tools" / "generation.py")
    assert place is not None
    assert place.loader is not None
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module


generation = load_tool()


@pytest.fixture(scope="module", params=VENDORED, ids=lambda path: path.stem)
def vendored(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    return request.param.stem, generation.load(request.param)


def labelled(places: list[Any]) -> list[str]:
    return [place.label for place in places]


def test_every_generation_is_vendored() -> None:
    assert [path.stem for path in VENDORED] == NAMES


# --- the vendored documents -----------------------------------------------------------------------


def test_structure_is_the_official_one(vendored: tuple[str, dict[str, Any]]) -> None:
    name, document = vendored
    facts = FACTS / "talon-one-integration" / f"{name}.yaml"
    if not facts.exists():
        pytest.skip("the facts about the official documents are not beside the repository")
    official = generation.load(facts)
    assert ordered(without_words(document)) == ordered(without_words(official))


def without_words(tree: Any, inside: str = "") -> Any:
    """Independent of the tool: all words go, except for properties that have the name of a word; and what
    we say of pages."""
    if isinstance(tree, list):
        return [without_words(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    words = () if inside == "properties" else ("summary", "description", "x-pagination")
    return {key: without_words(part, key) for key, part in tree.items() if key not in words}


def ordered(tree: Any) -> Any:
    """Tells True from 1, 1 from 1.0, and one order of keys from another, which plain == does not."""
    if isinstance(tree, dict):
        return [(key, ordered(part)) for key, part in tree.items()]
    return [ordered(item) for item in tree] if isinstance(tree, list) else repr(tree)


def test_readme_lists_the_generation(vendored: tuple[str, dict[str, Any]]) -> None:
    name, document = vendored
    keys = [place for place in generation.places(document) if place.kind == "operation"]
    rows = re.findall(rf"^\| {name} \|.*\| (\d+) \|", (ROOT / "spec" / "README.md").read_text(), re.MULTILINE)
    assert rows == [str(len(keys))]


def test_properties_called_like_words_are_still_there() -> None:
    campaign = generation.load(VENDORED[-1])["components"]["schemas"]["Campaign"]
    assert campaign["properties"]["description"]["type"] == "string"
    assert "description" in campaign["required"]


def test_operations_say_what_they_do(vendored: tuple[str, dict[str, Any]]) -> None:
    operations = [place.node for place in generation.places(vendored[1]) if place.kind == "operation"]
    summaries = [operation["summary"] for operation in operations]
    assert len(set(summaries)) == len(summaries)
    for operation in operations:
        assert len(operation["summary"].split()) <= 8, operation["operationId"]
        assert not operation["summary"].endswith("."), operation["operationId"]
        assert 40 <= len(operation["description"]) <= 500, operation["operationId"]


@pytest.mark.parametrize("kind", ["info", "server", "parameter", "response", "schema", "security scheme"])
def test_everything_is_described(vendored: tuple[str, dict[str, Any]], kind: str) -> None:
    places = [place for place in generation.places(vendored[1]) if place.kind == kind]
    assert places
    assert [place.label for place in places if not place.node.get("description")] == []


def test_words_are_finished_sentences(vendored: tuple[str, dict[str, Any]]) -> None:
    for place in generation.places(vendored[1]):
        text = place.node.get("description", "A property that needs no words.")
        assert text.endswith("."), place.label
        assert "TODO" not in text, place.label
        assert len(text) <= 500, place.label


def test_deprecated_operations_name_what_replaces_them(vendored: tuple[str, dict[str, Any]]) -> None:
    operations = {place.node.get("operationId"): place.node for place in generation.places(vendored[1])}
    for key, operation in operations.items():
        if operation.get("deprecated"):
            named = re.findall(r"use (\w+) instead", operation["description"])
            assert len(named) == 1, key
            assert named[0] in operations, key


def test_the_tool_leaves_a_vendored_file_as_it_is(
    vendored: tuple[str, dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = ROOT / "spec" / "talon-one-integration" / f"{vendored[0]}.yaml"
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    assert generation.main([str(path), "-o", str(copy)]) == 0
    assert copy.read_text() == path.read_text()
    assert "lacks words" not in capsys.readouterr().out


# --- the words are ours ---------------------------------------------------------------------------

RUN = 8


# Every scalar as text: the official document holds scalars that YAML 1.1 readers stop at.
ALL_TEXT = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def runs(text: str) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9']+", text.lower())
    return (tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1))


def texts(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        yield from (tree[key] for key in ("summary", "description") if isinstance(tree.get(key), str))
    for part in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from texts(part)


@pytest.fixture(scope="module")
def official_runs() -> set[tuple[str, ...]]:
    path = FACTS / "official" / "talon-one-25.17.0.yaml.gz"
    if not path.exists():
        pytest.skip("the official document is not beside the repository")
    tree = yaml.load(gzip.decompress(path.read_bytes()), ALL_TEXT)
    return {run for text in texts(tree) for run in runs(text)}


def test_no_eight_words_in_a_row_are_official(
    vendored: tuple[str, dict[str, Any]], official_runs: set[tuple[str, ...]]
) -> None:
    assert len(official_runs) > 10_000
    assert [text for text in texts(vendored[1]) if official_runs.intersection(runs(text))] == []


# --- the tool -------------------------------------------------------------------------------------


def document(**changes: Any) -> dict[str, Any]:
    """A structure in which a property is called `description`, and a default and an enum look like words."""
    operation = {
        "operationId": "getThing",
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
        "responses": {"200": {"description": ""}, "404": {"description": ""}},
    }
    thing = {
        "type": "object",
        "required": ["description"],
        "properties": {
            "description": {"type": "string", "default": "none"},
            "other": {"$ref": "#/components/schemas/Thing"},
            "list": {"type": "array", "items": {"properties": {"deep": {"type": "integer"}}}},
            "odd": {"default": {"description": "a value"}, "enum": [{"summary": "a value"}]},
        },
    }
    return {
        "openapi": "3.0.1",
        "info": {"title": "Things", "version": ""},
        "servers": [{"url": "/"}],
        "paths": {"/things/{id}": {"get": operation}},
        "components": {
            "schemas": {"Thing": thing},
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
        },
        **changes,
    }


def worded() -> dict[str, Any]:
    tree = document()
    tree["info"]["description"] = "About things."
    tree["servers"][0]["description"] = "Here."
    operation = tree["paths"]["/things/{id}"]["get"]
    operation |= {"summary": "Read a thing", "description": "Reads it."}
    operation["parameters"][0]["description"] = "Which thing."
    operation["responses"] = {"200": {"description": "The thing."}, "404": {"description": "No such thing."}}
    thing = tree["components"]["schemas"]["Thing"]
    thing["description"] = "A thing."
    thing["properties"]["description"]["description"] = "What it is."
    thing["properties"]["list"]["items"]["properties"]["deep"]["description"] = "Far down."
    tree["components"]["securitySchemes"]["key"]["description"] = "The key."
    return tree


def test_merging_gives_all_words_and_changes_nothing_else() -> None:
    merged, lacking = generation.merge(document(), [generation.words_of(worded())], {})
    assert merged == worded()
    assert ordered(generation.strip(merged)) == ordered(generation.strip(document()))
    assert lacking == []


@pytest.mark.parametrize("name", NAMES)
def test_strip_and_merge_are_inverse_on_vendored_documents(name: str) -> None:
    tree = generation.load(ROOT / "spec" / "talon-one-integration" / f"{name}.yaml")
    merged, _ = generation.merge(tree, [generation.words_of(tree)], {})
    assert ordered(merged) == ordered(tree)


def test_inputs_are_left_alone() -> None:
    structure = document()
    generation.merge(structure, [generation.words_of(worded())], {})
    assert structure == document()


def test_without_sources_everything_is_listed() -> None:
    merged, lacking = generation.merge(document(), [], {})
    assert merged == document()
    assert labelled(lacking) == [
        "operation getThing",
        "parameter getThing path id",
        "response getThing 200",
        "response getThing 404",
        "schema Thing",
        "property Thing description",
        "property Thing list",
        "property Thing list items deep",
        "property Thing odd",
    ]


def test_prose_of_the_structure_is_dropped() -> None:
    merged, _ = generation.merge(worded(), [], {})
    assert merged == document()


def test_standing_words_win_and_the_first_source_comes_before_the_second() -> None:
    standing, first, second = worded(), worded(), worded()
    standing["info"]["description"] = "Standing."
    first["info"]["description"] = "First."
    first["components"]["schemas"]["Thing"]["description"] = "First."
    second["components"]["schemas"]["Thing"]["description"] = "Second."
    del standing["components"]["schemas"]["Thing"]["description"]
    sources = [generation.words_of(first), generation.words_of(second)]
    merged, _ = generation.merge(document(), sources, generation.words_of(standing))
    assert merged["info"]["description"] == "Standing."
    assert merged["components"]["schemas"]["Thing"]["description"] == "First."


def test_another_operation_gets_the_words_of_parameters_and_errors_but_not_of_successes() -> None:
    structure = document()
    structure["paths"]["/things/{id}"]["get"]["operationId"] = "readThing"
    merged, lacking = generation.merge(structure, [generation.words_of(worded())], {})
    operation = merged["paths"]["/things/{id}"]["get"]
    assert operation["parameters"][0]["description"] == "Which thing."
    assert operation["responses"] == {"200": {"description": ""}, "404": {"description": "No such thing."}}
    assert labelled(lacking) == ["operation readThing", "response readThing 200"]


def test_a_counted_schema_is_known_by_what_it_refers_to() -> None:
    def page(of: str, **words: str) -> dict[str, Any]:
        return {**words, "properties": {"data": {"items": {"$ref": f"#/components/schemas/{of}"}}}}

    older = document(components={"schemas": {"inline_response_200_1": page("Thing", description="Things.")}})
    newer = {"InlineResponse200": page("Thing"), "InlineResponse2001": page("Other")}
    merged, lacking = generation.merge(
        document(components={"schemas": newer}), [generation.words_of(older)], {}
    )
    assert merged["components"]["schemas"]["InlineResponse200"]["description"] == "Things."
    assert "description" not in merged["components"]["schemas"]["InlineResponse2001"]
    assert "schema inline Other" in labelled(lacking)


def test_references_get_no_words() -> None:
    source = worded()
    source["components"]["schemas"]["Thing"]["properties"]["other"] = {"description": "No place for words."}
    merged, _ = generation.merge(document(), [generation.words_of(source)], {})
    assert merged["components"]["schemas"]["Thing"]["properties"]["other"] == {
        "$ref": "#/components/schemas/Thing"
    }


def run(tmp_path: Path, structure: str, *words: str) -> int:
    for name, tree in {"bare": document(), "worded": worded()}.items():
        (tmp_path / f"{name}.yaml").write_text(generation.write(tree))
    sources = [part for name in words for part in ("--words", str(tmp_path / name))]
    status = generation.main([str(tmp_path / structure), *sources, "-o", str(tmp_path / "out.yaml")])
    assert isinstance(status, int)
    return status


def test_command_writes_the_document_and_tells_what_is_lacking(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "bare.yaml") == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "lacks words: operation getThing"
    assert printed[-1] == "new, may need words: property Thing odd"
    assert run(tmp_path, "bare.yaml", "worded.yaml") == 0
    assert capsys.readouterr().out == ""
    assert generation.load(tmp_path / "out.yaml") == worded()


def test_command_keeps_what_was_written_into_the_output_by_hand(tmp_path: Path) -> None:
    own = worded()
    own["info"]["description"] = "Written\n  by hand."
    (tmp_path / "out.yaml").write_text(generation.write(own))
    assert run(tmp_path, "bare.yaml", "worded.yaml") == 0
    assert generation.load(tmp_path / "out.yaml")["info"]["description"] == "Written by hand."


def test_text_is_wrapped_and_nothing_is_shared() -> None:
    shared = {"type": "string"}
    tree = document(components={"schemas": {"A": shared, "B": shared}})
    tree["info"]["description"] = "word " * 60
    text = generation.write(tree)
    assert max(map(len, text.splitlines())) <= 120
    assert not re.search(r"[&*]id\d", text)


@pytest.mark.parametrize("content", [None, "a: [", "just text", "info: {}"])
def test_a_file_that_cannot_be_used_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None
) -> None:
    path = tmp_path / "broken.yaml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SystemExit) as stopped:
        generation.main([str(path), "-o", str(tmp_path / "out.yaml")])
    assert stopped.value.code == 2
    assert "broken.yaml" in capsys.readouterr().err
    assert not (tmp_path / "out.yaml").exists()
